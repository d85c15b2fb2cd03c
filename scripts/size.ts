import { posix } from "node:path"
import { gzipSync } from "node:zlib"
import { build } from "esbuild"
import { runMain } from "./main.ts"
import limits from "./size-limits.json" with { type: "json" }
import { ROOT, readTree } from "./source-tree.ts"
import { type Findings, findingsStep, type Step } from "./step.ts"
import { workspacePackages } from "./workspace-package.ts"

/** One thing to measure: a module's text, what is left out, and the limit in gzipped bytes. */
export interface SizeCase {
  readonly name: string
  readonly code: string
  readonly external: readonly string[]
  readonly maxGzipBytes?: number
  /** What it should weigh; shown where it is not met. */
  readonly aimGzipBytes?: number
}

/** Minified and gzipped sizes: of every package entry, and of what has a limit. */
export const sizeStep: Step = findingsStep("size", checkSizes)

/** The bytes of a module and all it imports, minified, before and after gzip. */
export async function bundleSize(size: SizeCase): Promise<{ minified: number; gzipped: number }> {
  const { outputFiles } = await build({
    stdin: { contents: size.code, resolveDir: ROOT },
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    target: "es2023",
    platform: "neutral",
    mainFields: ["module", "main"],
    external: ["node:*", ...size.external],
    logLevel: "silent",
  })
  const text = outputFiles[0]?.contents ?? new Uint8Array()
  return { minified: text.length, gzipped: gzipSync(text, { level: 9 }).length }
}

/** The rows of a report on some cases, and those over their limit. */
export async function measureSizes(cases: readonly SizeCase[]): Promise<Findings> {
  const findings: string[] = []
  const rows: string[] = []
  for (const each of cases) {
    const limit = each.maxGzipBytes
    try {
      const { minified, gzipped } = await bundleSize(each)
      const aim = each.aimGzipBytes ?? gzipped
      const missed = gzipped > aim ? `, aim ${aim}` : ""
      const limited = limit === undefined ? "" : `of at most ${limit}${missed}`
      const bytes = `${String(minified).padStart(7)} B ${String(gzipped).padStart(7)} B gzipped`
      rows.push(`${each.name.padEnd(36)}${bytes} ${limited}`.trimEnd())
      if (limit !== undefined && gzipped > limit) {
        findings.push(`${each.name} takes ${gzipped} B gzipped: the limit is ${limit} B`)
      }
    } catch (error) {
      findings.push(`${each.name} does not bundle: ${String(error)}`)
    }
  }
  return { checked: cases.length, findings, note: rows.join("\n     ") }
}

function checkSizes(): Promise<Findings> {
  const packages = workspacePackages(readTree(["packages/*/package.json"]))
  const names = packages.map((each) => each.name)
  const entries = packages.flatMap(({ name, entries: all }) =>
    all.map(({ subpath }): SizeCase => {
      const entry = posix.join(name, subpath)
      const external = names.filter((other) => other !== name)
      return { name: entry, code: `export * from "${entry}"`, external }
    }),
  )
  return measureSizes([...entries, ...limits])
}

if (import.meta.main) await runMain([sizeStep])

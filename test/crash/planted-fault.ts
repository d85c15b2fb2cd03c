import { mkdirSync, readFileSync, rmSync } from "node:fs"
import { basename, join } from "node:path"
import { pathToFileURL } from "node:url"
import type * as logFs from "@bellmouth/log-fs"
import { build, type Plugin } from "esbuild"
import { ROOT } from "../../scripts/source-tree.ts"

/** Where the sources of a package lie. */
const sourcesOf = (name: PackageName): string => join(ROOT, "packages", name, "src")
const FOLDER = join(ROOT, ".cache/planted-faults")

type PackageName = "log" | "log-fs"

export type LogFs = typeof logFs

/** A change of the source of the log, as a mistake would make it. */
export interface PlantedFault {
  /** A file of the package's `src`. */
  readonly file: string
  /** Default "log-fs". */
  readonly package?: PackageName
  /** What stands there, exactly once. */
  readonly from: string
  readonly to: string
}

/** The log as it is, or with some faults, as a module of this process. */
export async function importLogFs(faults: readonly PlantedFault[]): Promise<LogFs> {
  mkdirSync(FOLDER, { recursive: true })
  const external = ["@bellmouth/*", "node:*"]
  const file = await bundle(join(sourcesOf("log-fs"), "index.ts"), FOLDER, faults, external)
  try {
    return await import(pathToFileURL(file).href)
  } finally {
    rmSync(file)
  }
}

/** A program of this folder, in one file that any runtime runs from any folder, with faults in its log. */
export function bundleProgram(
  name: string,
  folder: string,
  faults: readonly PlantedFault[] = [],
): Promise<string> {
  return bundle(join(import.meta.dirname, name), folder, faults, ["node:*"])
}

async function bundle(
  entry: string,
  folder: string,
  faults: readonly PlantedFault[],
  external: readonly string[],
): Promise<string> {
  const outfile = join(folder, `${basename(entry, ".ts")}-${crypto.randomUUID()}.mjs`)
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: "esm",
    target: "es2023",
    platform: "neutral",
    mainFields: ["module", "main"],
    conditions: ["import"],
    external: [...external],
    logLevel: "silent",
    plugins: [plant(faults)],
  })
  return outfile
}

function plant(faults: readonly PlantedFault[]): Plugin {
  const planted = new Set<PlantedFault>()
  return {
    name: "planted-faults",
    setup(bundler) {
      // The source, not what was built of it: a fault is found where its reader looks for it.
      for (const name of ["log-fs", "log"] as const) {
        // A log without faults stays the one that the test knows, with the same class of errors.
        if (name === "log" && !faults.some((fault) => fault.package === name)) continue
        const path = join(sourcesOf(name), "index.ts")
        bundler.onResolve({ filter: new RegExp(`^@bellmouth/${name}$`) }, () => ({ path }))
      }
      bundler.onLoad({ filter: /packages\/(log|log-fs)\/src\/[^/]+\.ts$/ }, ({ path }) => {
        let contents = readFileSync(path, "utf8")
        for (const fault of faults) {
          const { file, from, to } = fault
          if (join(sourcesOf(fault.package ?? "log-fs"), file) !== path) continue
          if (contents.split(from).length !== 2) {
            throw new Error(`Cannot plant a fault: ${file} does not hold once: ${from}`)
          }
          contents = contents.replace(from, () => to)
          planted.add(fault)
        }
        return { contents, loader: "ts" }
      })
      bundler.onEnd(() => {
        const missed = faults.filter((fault) => !planted.has(fault))
        if (missed.length > 0)
          throw new Error(`Cannot plant a fault in ${missed[0]?.file}: no file`)
      })
    },
  }
}

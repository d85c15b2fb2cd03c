import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { availableParallelism, tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { runCommand } from "../command.ts"
import { parallel } from "../parallel.ts"
import { ROOT } from "../source-tree.ts"
import type { Example } from "./example.ts"

const TIMEOUT_MS = 30_000

/**
 * Type-checks the examples and runs each as a module of its own, in an empty folder, on this Node.
 * Each stands at its own line number in the module, so that messages name the documentation's line.
 *
 * @returns What failed, as `file:line` and the output; empty when all is well.
 */
export async function runExamples(examples: readonly Example[], folder: string): Promise<string[]> {
  const root = join(ROOT, folder)
  rmSync(root, { recursive: true, force: true })
  const modules = examples.map((example) => writeModule(example, root))
  const faults = [...(await checkTypes(root, modules.length))]
  const runs = await parallel(modules, availableParallelism(), runModule)
  return [...faults, ...runs.flat()].map((fault) => readable(fault, folder))
}

interface ExampleModule {
  readonly at: string
  readonly path: string
}

function writeModule({ file, line, code }: Example, root: string): ExampleModule {
  const path = join(root, `${file}.L${line}.ts`)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, `${"\n".repeat(line - 1)}${code}\nexport {}\n`)
  return { at: `${file}:${line}`, path }
}

async function checkTypes(root: string, count: number): Promise<string[]> {
  if (count === 0) return []
  const config = {
    extends: join(ROOT, "tsconfig.json"),
    compilerOptions: {
      noEmit: true,
      composite: false,
      declaration: false,
      declarationMap: false,
      isolatedDeclarations: false,
      noUnusedLocals: false,
      noUnusedParameters: false,
      lib: [
        "es2024",
        "esnext.array",
        "esnext.disposable",
        "dom",
        "dom.iterable",
        "dom.asynciterable",
      ],
      types: ["node"],
      typeRoots: [join(ROOT, "node_modules/@types")],
    },
    include: ["**/*.ts"],
    references: [],
  }
  writeFileSync(join(root, "tsconfig.json"), JSON.stringify(config))
  const tsc = join(ROOT, "node_modules/.bin/tsc")
  const { code, output } = await runCommand(tsc, ["-p", root, "--pretty", "false"])
  if (code === 0) return []
  const rows = output.split("\n").filter((row) => /error TS\d+/.test(row))
  return rows.length > 0 ? rows : [output]
}

async function runModule({ at, path }: ExampleModule): Promise<string[]> {
  const cwd = mkdtempSync(join(tmpdir(), "bellmouth-example-"))
  try {
    const result = await runCommand(process.execPath, [path], { cwd, timeoutMs: TIMEOUT_MS })
    if (result.code === 0) return []
    const why = result.code === 13 ? "its top-level await never settled" : `exit ${result.code}`
    return [`${at} ${why}\n${result.output.trim()}`]
  } finally {
    rmSync(cwd, { recursive: true, force: true })
  }
}

/** Names the documentation instead of the module that was made from it. */
function readable(text: string, folder: string): string {
  return text.replace(/(\S+?)\.L\d+\.ts/g, (_, path: string) => {
    const at = path.indexOf(`${folder}/`)
    return at === -1 ? path : path.slice(at + folder.length + 1)
  })
}

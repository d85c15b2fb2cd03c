import { mkdirSync, readFileSync, rmSync } from "node:fs"
import { basename, join } from "node:path"
import { pathToFileURL } from "node:url"
import type * as logFs from "@bellmouth/log-fs"
import { build, type Plugin } from "esbuild"
import { ROOT } from "../../scripts/source-tree.ts"

/** Where the sources of a package lie. */
const sourcesOf = (name: PackageName): string => join(ROOT, "packages", name, "src")
const FOLDER = join(ROOT, ".cache/planted-faults")

const PACKAGES = ["log-fs", "log", "mux"] as const

type PackageName = (typeof PACKAGES)[number]

export type LogFs = typeof logFs

/** A change of the source of a package, as a mistake would make it. */
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
export function importLogFs(faults: readonly PlantedFault[]): Promise<LogFs> {
  return importBundle(join(sourcesOf("log-fs"), "index.ts"), faults)
}

/** A module of the caller's type, with faults in what it imports. */
export async function importBundle<T>(entry: string, faults: readonly PlantedFault[]): Promise<T> {
  mkdirSync(FOLDER, { recursive: true })
  const file = await bundle(entry, FOLDER, faults, ["@bellmouth/*", "node:*"])
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
      for (const name of PACKAGES) {
        // A package without faults stays the one that the test knows, with the same class of errors.
        if (name !== "log-fs" && !faults.some((fault) => fault.package === name)) continue
        const filter = new RegExp(`^@bellmouth/${name}(/[a-z]+)?$`)
        bundler.onResolve({ filter }, ({ path }) => {
          const [, , folder = ""] = path.split("/")
          return { path: join(sourcesOf(name), folder, "index.ts") }
        })
      }
      bundler.onLoad({ filter: /packages\/(log|log-fs|mux)\/src\/.+\.ts$/ }, ({ path }) => {
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

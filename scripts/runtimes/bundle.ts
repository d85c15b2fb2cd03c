import { join } from "node:path"
import { build } from "esbuild"
import { ROOT } from "../source-tree.ts"

export interface BundleOptions {
  /** Specifiers that stay imports. Default: none, so that a `node:` module is an error. */
  readonly external?: readonly string[]
  /** Conditions of the runtime that it is for, by which packages choose files. */
  readonly conditions?: readonly string[]
}

/**
 * Bundles a module that exports `main(emit, args)` into `module.mjs` in a folder, with everything it
 * imports, for any runtime.
 *
 * @param code - The module's text; relative imports start at the repository's root.
 * @throws {Error} when something it imports is missing, or is a `node:` module and not external.
 */
export async function bundleModule(
  code: string,
  folder: string,
  options: BundleOptions = {},
): Promise<void> {
  await build({
    stdin: { contents: code, resolveDir: ROOT, loader: "ts" },
    outfile: join(folder, "module.mjs"),
    bundle: true,
    format: "esm",
    target: "es2023",
    platform: "neutral",
    mainFields: ["module", "main"],
    conditions: ["import", ...(options.conditions ?? [])],
    external: [...(options.external ?? [])],
    loader: { ".json": "json" },
    logLevel: "silent",
  })
}

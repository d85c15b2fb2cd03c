import { mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { join } from "node:path"
import { ROOT } from "../source-tree.ts"
import { type BundleOptions, bundleModule } from "./bundle.ts"
import type { Runtime, RuntimeOptions, RuntimeResult } from "./runtime.ts"

/** Bundles a module's text, runs its `main` in a runtime, and leaves nothing behind. */
export async function runModule(
  runtime: Runtime,
  code: string,
  options: RuntimeOptions & BundleOptions = {},
): Promise<RuntimeResult> {
  const cache = join(ROOT, ".cache")
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, `${runtime.name}-`))
  try {
    await bundleModule(code, folder, { ...runtime, ...options })
    return await runtime.run(folder, options)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

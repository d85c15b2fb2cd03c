import { bun } from "./runtimes/bun.ts"
import { chromium } from "./runtimes/chromium.ts"
import { deno } from "./runtimes/deno.ts"
import { node22, node24, node26 } from "./runtimes/node.ts"
import { runModule } from "./runtimes/run-module.ts"
import type { Runtime, RuntimeOptions, RuntimeResult } from "./runtimes/runtime.ts"
import { workerd } from "./runtimes/workerd.ts"

/** Every runtime that a module can be run in. */
export const runtimes: readonly Runtime[] = [node22, node24, node26, deno, bun, workerd, chromium]

/**
 * Bundles a module of the project and runs its `main(emit, args)` in a runtime.
 *
 * `main` gives what it found by `emit(value)`, where a value is anything that survives JSON; what it
 * prints is for a reader. `node:` modules stay imports, so they are to be imported dynamically and
 * only where there are any.
 *
 * @param file - The module's path from the root.
 * @param runtimeName - The name of one of {@link runtimes}; `node` means the one that runs scripts.
 * @throws {RangeError} when there is no such runtime.
 */
export async function runIn(
  file: string,
  runtimeName: string,
  options: RuntimeOptions = {},
): Promise<RuntimeResult & { readonly version: string }> {
  const wanted = runtimeName === "node" ? node24.name : runtimeName
  const runtime = runtimes.find((each) => each.name === wanted)
  if (runtime === undefined) {
    const names = runtimes.map((each) => each.name).join(", ")
    throw new RangeError(`Cannot run in ${runtimeName}: want one of ${names}`)
  }
  const code = `export { main } from ${JSON.stringify(`./${file}`)}`
  const result = await runModule(runtime, code, { ...options, external: ["node:*"] })
  return { ...result, version: await runtime.version() }
}

// `node scripts/run-in.ts bench/x.ts deno [arguments...]` prints each emitted value as a JSON line.
if (import.meta.main) {
  const [file, runtimeName = "node", ...args] = process.argv.slice(2)
  if (file === undefined) throw new RangeError("Cannot run nothing: want a module and a runtime")
  const { code, values, output } = await runIn(file, runtimeName, { args })
  for (const value of values) process.stdout.write(`${JSON.stringify(value)}\n`)
  if (output !== "") process.stderr.write(`${output}\n`)
  process.exitCode = code
}

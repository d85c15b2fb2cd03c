import { firstFile, installRuntimes, runtimeFile } from "./install.ts"
import { processRuntime } from "./process-runtime.ts"
import type { Runtime } from "./runtime.ts"

/** The Node.js that runs the project's scripts. */
export const node24: Runtime = processRuntime("node-24", async () => process.execPath, [
  "--expose-gc",
])

export const node22: Runtime = processRuntime("node-22", () => nodeProgram("node-22"), [
  "--expose-gc",
])

export const node26: Runtime = processRuntime("node-26", () => nodeProgram("node-26"), [
  "--expose-gc",
])

async function nodeProgram(name: string): Promise<string> {
  await installRuntimes()
  const platforms = ["linux-x64", "linux-arm64"]
  return firstFile(
    name,
    platforms.map((platform) => runtimeFile(`${name}-${platform}`, "bin/node")),
  )
}

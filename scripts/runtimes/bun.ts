import { firstFile, installRuntimes, runtimeFile } from "./install.ts"
import { processRuntime } from "./process-runtime.ts"
import type { Runtime } from "./runtime.ts"

export const bun: Runtime = {
  ...processRuntime("bun", bunProgram, ["run"]),
  conditions: ["bun"],
}

async function bunProgram(): Promise<string> {
  await installRuntimes()
  const platforms = ["linux-x64", "linux-aarch64"]
  return firstFile(
    "bun",
    platforms.map((platform) => runtimeFile(`@oven/bun-${platform}`, "bin/bun")),
  )
}

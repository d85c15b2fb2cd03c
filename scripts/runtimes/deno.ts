import { firstFile, installRuntimes, runtimeFile } from "./install.ts"
import { processRuntime } from "./process-runtime.ts"
import type { Runtime } from "./runtime.ts"

export const deno: Runtime = processRuntime("deno", denoProgram, [
  "run",
  "--allow-all",
  "--no-config",
  "--no-lock",
  "--unstable-net", // WebTransport
  "--v8-flags=--expose-gc",
])

async function denoProgram(): Promise<string> {
  await installRuntimes()
  const platforms = ["linux-x64-glibc", "linux-arm64-glibc"]
  return firstFile(
    "deno",
    platforms.map((platform) => runtimeFile(`@deno/${platform}`, "deno")),
  )
}

import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { runCommand } from "../command.ts"
import { entryModule, type Runtime, readOutput } from "./runtime.ts"

/** A runtime that is a program which runs a module file and ends with it. */
export function processRuntime(
  name: string,
  program: () => Promise<string>,
  args: readonly string[] = [],
): Runtime {
  return {
    name,
    async version() {
      const { stdout } = await runCommand(await program(), ["--version"])
      return /\d+\.\d+\.\d+/.exec(stdout)?.[0] ?? stdout.trim()
    },
    async run(folder, options = {}) {
      const entry = join(folder, `${name}.entry.mjs`)
      writeFileSync(entry, entryModule(options))
      const { timeoutMs = 300_000 } = options
      const result = await runCommand(await program(), [...args, entry], { timeoutMs })
      return readOutput(result.code, result.output)
    },
  }
}

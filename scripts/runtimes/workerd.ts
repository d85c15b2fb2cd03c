import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { runCommand } from "../command.ts"
import { firstFile, installRuntimes, runtimeFile } from "./install.ts"
import { callMain, type Runtime, readOutput } from "./runtime.ts"

/** Cloudflare's runtime, with the behaviour of its own release day. */
export const workerd: Runtime = {
  name: "workerd",
  version: async () => (await readVersion()).version,
  async run(folder, options = {}) {
    const program = await workerdProgram()
    const { compatibilityDate } = await readVersion()
    writeFileSync(
      join(folder, "workerd.entry.mjs"),
      `import { main } from "./module.mjs"
export default {
  async test() {
    ${callMain(options)}
  },
}
`,
    )
    writeFileSync(
      join(folder, "workerd.capnp"),
      `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (
    modules = [
      (name = "workerd.entry.mjs", esModule = embed "workerd.entry.mjs"),
      (name = "module.mjs", esModule = embed "module.mjs"),
    ],
    compatibilityDate = "${compatibilityDate}",
  ))],
);
`,
    )
    const { timeoutMs = 300_000 } = options
    const config = join(folder, "workerd.capnp")
    const result = await runCommand(program, ["test", config], { timeoutMs })
    return readOutput(result.code, result.output)
  },
}

async function workerdProgram(): Promise<string> {
  await installRuntimes()
  const platforms = ["linux-64", "linux-arm64"]
  return firstFile(
    "workerd",
    platforms.map((platform) => runtimeFile(`@cloudflare/workerd-${platform}`, "bin/workerd")),
  )
}

async function readVersion(): Promise<{ version: string; compatibilityDate: string }> {
  const { stdout } = await runCommand(await workerdProgram(), ["--version"])
  const day = /\d{4}-\d{2}-\d{2}/.exec(stdout)?.[0]
  if (day === undefined) throw new Error(`Cannot read workerd's version: it says ${stdout}`)
  return { version: day, compatibilityDate: day }
}

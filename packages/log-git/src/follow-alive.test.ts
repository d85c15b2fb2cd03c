import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync } from "node:fs"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import { expect, onTestFinished, test } from "vitest"
import { testFolder } from "../testing/git.ts"
import { appendEach } from "../testing/records.ts"
import { openGitLog } from "./open-git-log.ts"

const source = new URL("./open-git-log.ts", import.meta.url).href
const folder = testFolder()
const options = { level: "process" } as const

/** A plain script, which does nothing about how long it lives. */
function run(repository: string, mode: string, script: string) {
  const begin = `
    import { openGitLog } from ${JSON.stringify(source)}
    const options = { mode: ${JSON.stringify(mode)}, level: "process" }
    const log = await openGitLog(${JSON.stringify(repository)}, "log", options)
    const reader = log.replay({ follow: true }).getReader()
    const next = async () => {
      const { value } = await reader.read()
      process.stdout.write(new TextDecoder().decode(value?.data) + "\\n")
    }
  `
  const args = ["--input-type=module", "--eval", begin + script]
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] })
  onTestFinished(() => void child.kill("SIGKILL"))
  return child
}

test.each(["read", "write"])(
  "a script that follows what others append lives until it has it, with its log open to %s",
  async (mode) => {
    const repository = mkdtempSync(join(folder, "alive-"))
    await using log = await openGitLog(repository, "log", options)
    await appendEach(log, ["first"])
    const child = run(repository, mode, "await next(); await next(); await reader.cancel()")
    const said = text(child.stdout)
    await once(child.stdout, "data")
    const ended = once(child, "exit").then(() => "ended")
    expect(await Promise.race([ended, twoLooks()])).toBe("waits")
    await appendEach(log, ["second"])
    expect(await ended).toBe("ended")
    expect([child.exitCode, await said]).toEqual([0, "first\nsecond\n"])
  },
)

test.each([
  ["cancels while it waits", "next(); next(); setTimeout(() => reader.cancel(), 50)"],
  [
    "closes its log while it waits",
    "next(); next().catch(() => {}); setTimeout(() => log.close(), 50)",
  ],
  ["has read all that there is, and leaves its reader", "await next()"],
  ["has read all without following", "for await (const _ of log.replay()); await next()"],
])("a script that %s ends by itself, with its log open", async (_name, script) => {
  const repository = mkdtempSync(join(folder, "alive-"))
  await using log = await openGitLog(repository, "log", options)
  await appendEach(log, ["first"])
  const child = run(repository, "read", script)
  const said = text(child.stdout)
  await once(child, "exit")
  expect([child.exitCode, (await said).startsWith("first\n")]).toEqual([0, true])
})

/** Two looks of the child at the ref are a second apart; none of them ends it. */
async function twoLooks(): Promise<string> {
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  return "waits"
}

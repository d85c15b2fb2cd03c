import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import { expect, onTestFinished, test } from "vitest"
import { openFsLog } from "./open-fs-log.ts"

const source = new URL("./open-fs-log.ts", import.meta.url).href

async function newLog() {
  const directory = await mkdtemp(join(tmpdir(), "bellmouth-alive-"))
  onTestFinished(() => rm(directory, { recursive: true }))
  return { directory, log: await openFsLog(directory) }
}

/** A plain script, which does nothing about how long it lives. */
function run(directory: string, script: string) {
  const begin = `
    import { openFsLog } from ${JSON.stringify(source)}
    const log = await openFsLog(${JSON.stringify(directory)}, { mode: "read" })
    const say = (text) => process.stdout.write(text + "\\n")
    const reader = log.replay({ follow: true }).getReader()
    const next = async () => say(new TextDecoder().decode((await reader.read()).value?.data))
  `
  const args = ["--input-type=module", "--eval", begin + script]
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] })
  onTestFinished(() => void child.kill("SIGKILL"))
  return child
}

async function append(log: Awaited<ReturnType<typeof openFsLog>>, record: string) {
  const writer = log.writable().getWriter()
  await writer.write(new TextEncoder().encode(record))
  await writer.close()
}

test("a script that follows what another process appends lives until it has it", async () => {
  const { directory, log } = await newLog()
  await append(log, "first")
  const child = run(directory, "await next(); await next(); await reader.cancel()")
  await once(child.stdout, "data")
  const ended = once(child, "exit").then(() => "ended")
  expect(await Promise.race([ended, sleepOf(child)])).toBe("waits")
  await append(log, "second")
  expect(await ended).toBe("ended")
  expect(child.exitCode).toBe(0)
  await log.close()
})

test.each([
  [
    "cancels while it waits",
    "next(); next().catch(() => {}); setTimeout(() => reader.cancel(), 50)",
  ],
  [
    "closes its log while it waits",
    "next(); next().catch(() => {}); setTimeout(() => log.close(), 50)",
  ],
  ["never reads", "say('idle')"],
  ["has read all that there is, and leaves its reader", "await next()"],
  [
    "never reads what it follows from the tail on",
    "log.replay({ follow: true, from: 'tail' }).getReader(); say('idle')",
  ],
  [
    "has read a batch, and leaves its reader",
    "const batches = log.replayBatches({ follow: true }).getReader(); await batches.read(); say('read')",
  ],
  [
    "has taken one by an iterator, and leaves it",
    "const all = log.replay({ follow: true }).values(); await all.next(); say('read')",
  ],
  ["has read all without following", "for await (const _ of log.replay()); say('done')"],
])("a script that %s ends by itself, with its log open", async (_name, script) => {
  const { directory, log } = await newLog()
  await append(log, "first")
  const child = run(directory, script)
  const said = text(child.stdout)
  await once(child, "exit")
  expect([child.exitCode, (await said) !== ""]).toEqual([0, true])
  await log.close()
})

/** Waits for two looks of the child at the log, which are a second apart; none of them ends it. */
async function sleepOf(child: ReturnType<typeof run>): Promise<string> {
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  return child.exitCode === null ? "waits" : "ended"
}

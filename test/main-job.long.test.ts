import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import type { Log, RecordBatch } from "@bellmouth/log"
import { openFsLog } from "@bellmouth/log-fs"
import { expect, onTestFinished, test } from "vitest"
import { mainJob } from "../demo/main-job.ts"
import { seededRandom } from "../demo/random.ts"
import { Tally } from "../demo/tally.ts"
import { loadWebhookExamples } from "../demo/webhook-events.ts"

const demo = fileURLToPath(new URL("../demo/main.ts", import.meta.url))

function run(...args: string[]) {
  const child = spawn(process.execPath, [demo, ...args], { stdio: ["ignore", "pipe", "pipe"] })
  onTestFinished(() => void child.kill("SIGKILL"))
  let out = ""
  child.stdout.setEncoding("utf8").on("data", (text) => {
    out += text
  })
  const closed = once(child, "close").then(([code]) => ({ code, out }))
  const says = async (text: string): Promise<string> => {
    while (!out.includes(text)) await once(child.stdout, "data")
    return out
  }
  return { child, closed, says }
}

test("The main job moves 20,069 real events through every layer and 20 cuts, byte for byte", async () => {
  const { code, out } = await run("--exit", "--seed", "20").closed
  expect(code).toBe(0)
  expect(out).toMatch(/^cuts at random bytes +20$/m)
  expect(out).toMatch(/^resumed by Last-Event-ID +20$/m)
  expect(out).toMatch(/^lost +0$/m)
  expect(out).toMatch(/^duplicated +0$/m)
  expect(out.match(/20,069/g)).toHaveLength(3)
  expect(out).toContain("What came out equals what went in, byte for byte")
})

test("It stays up with a live page, and an interrupt ends it cleanly", async () => {
  const { child, closed, says } = run("--records", "500", "--port", "0")
  const url = /http:\S+/.exec(await says("(Ctrl-C ends)"))?.[0] ?? ""
  expect(await (await fetch(url)).text()).toContain("GitHub webhooks")
  const events = await fetch(`${url}events?offset=500`, {
    headers: { accept: "text/event-stream" },
  })
  const reader = events.body?.pipeThrough(new TextDecoderStream()).getReader()
  let text = ""
  while (!text.includes('"delivery":501')) {
    const step = await reader?.read()
    if (step === undefined || step.done) expect.fail(`the events ended after ${text}`)
    text += step.value
  }
  child.kill("SIGINT")
  const { code, out } = await closed
  expect([code, out.endsWith("\nEnded by SIGINT\n")]).toEqual([0, true])
})

/** The main job over a log that serves its records through `change`. */
async function faultsWith(change: (batches: RecordBatch) => RecordBatch | undefined) {
  const folder = await mkdtemp(join(tmpdir(), "bellmouth-job-"))
  onTestFinished(() => rm(folder, { recursive: true }))
  await using log = await openFsLog(join(folder, "log"))
  const replayBatches: Log["replayBatches"] = (options) =>
    log.replayBatches(options).pipeThrough(
      new TransformStream({
        transform(batch, controller) {
          const changed = change(batch)
          if (changed !== undefined) controller.enqueue(changed)
        },
      }),
    )
  const tampered = new Proxy(log, {
    get(target, name) {
      if (name === "replayBatches") return replayBatches
      const value = Reflect.get(target, name)
      return typeof value === "function" ? value.bind(target) : value
    },
  })
  const options = { exit: true, records: 300, cuts: 0, seed: 1, port: 0 }
  const { signal } = new AbortController()
  const examples = await loadWebhookExamples()
  return (await mainJob(tampered, examples, options, seededRandom(1), signal)).faults
}

test("Its comparison can say no: one changed byte is a fault", async () => {
  expect(await faultsWith((batch) => batch)).toEqual([])
  let changes = 0
  const faults = await faultsWith((batch) => {
    const bytes = batch.bytes.slice()
    const at = bytes.indexOf("push".charCodeAt(0))
    bytes[at] = "b".charCodeAt(0)
    changes++
    return { ...batch, framing: batch.framing, bytes, offset: batch.offset, count: batch.count }
  })
  expect(changes).toBeGreaterThan(0)
  expect(faults).toEqual([
    expect.stringMatching(/^the log holds \d+ bytes, sha256/),
    expect.stringContaining("came out"),
  ])
})

test("More cuts than bytes are survived, too", async () => {
  const { code, out } = await run("--exit", "--records", "1", "--cuts", "150").closed
  expect(out).toMatch(/^cuts at random bytes +150$/m)
  expect(code).toBe(0)
})

test("Its tally names what is lost, repeated or foreign, by the data alone", async () => {
  const tally = new Tally(5)
  const writer = tally.getWriter()
  for (const text of ['{"delivery":0}\n{"deli', 'very":1}\n', '{"delivery":1}\n{"delivery":9}\n']) {
    await writer.write(new TextEncoder().encode(text))
  }
  await writer.close()
  expect([tally.records, tally.lost, tally.duplicated, tally.foreign]).toEqual([4, 3, 1, 1])
})

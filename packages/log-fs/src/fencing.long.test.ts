import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { expect, onTestFinished, test } from "vitest"
import { openFsLog } from "./open-fs-log.ts"
import { verifyFsLog } from "./repair/verify-fs-log.ts"

const ROUNDS = 8
const source = new URL("./open-fs-log.ts", import.meta.url).href

/** Appends for ever, with one record under way at a time, and says what is acknowledged. */
const WRITER = `
  import { writeSync } from "node:fs"
  import { openFsLog } from ${JSON.stringify(source)}
  const [directory, name, takeOver] = process.argv.slice(1)
  try {
    const log = await openFsLog(directory, { segmentBytes: 4_000, takeOver: takeOver === "take" })
    writeSync(1, "open\\n")
    for (let n = 0; ; n++) {
      const text = name + "/" + n
      const { readable, writable } = log.append()
      const writer = writable.getWriter()
      writer.write(new TextEncoder().encode(text)).catch(() => {})
      writer.close().catch(() => {})
      const { value } = await readable.getReader().read()
      writeSync(1, "ack " + value.offset + " " + text + "\\n")
    }
  } catch (error) {
    writeSync(1, "failed " + error.code + "\\n")
  }
`

class Writer {
  readonly child: ChildProcess
  readonly acks = new Map<number, string>()
  readonly failed: Promise<string>
  readonly #waits = new Set<() => void>()

  constructor(directory: string, name: string, takeOver: string) {
    const args = ["--input-type=module", "--eval", WRITER, directory, name, takeOver]
    this.child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] })
    onTestFinished(() => void this.child.kill("SIGKILL"))
    const { promise, resolve } = Promise.withResolvers<string>()
    this.failed = promise
    if (this.child.stdout === null) throw new Error("It has no output")
    createInterface({ input: this.child.stdout }).on("line", (line) => {
      const [what, offset, text = ""] = line.split(" ")
      if (what === "ack") this.acks.set(Number(offset), text)
      if (what === "failed") resolve(offset ?? "")
      for (const wait of this.#waits) wait()
    })
  }

  async hasAcknowledged(count: number): Promise<void> {
    while (this.acks.size < count) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#waits.add(resolve)
      await Promise.race([promise, this.failed.then((code) => Promise.reject(new Error(code)))])
      this.#waits.delete(resolve)
    }
  }
}

/** The lock is removed by hand in one half of the rounds, and taken over in the other. */
test("a process that is stopped while another takes its log over is fenced when it goes on", async () => {
  let [fenced, acknowledged] = [0, 0]
  for (let round = 0; round < ROUNDS; round++) {
    const directory = await mkdtemp(join(tmpdir(), "bellmouth-fencing-"))
    onTestFinished(() => rm(directory, { recursive: true, force: true }))
    const first = new Writer(directory, "first", "")
    await first.hasAcknowledged(5 + round * 7)
    first.child.kill("SIGSTOP")
    const isByHand = round % 2 === 0
    if (isByHand) await rm(join(directory, "lock"))
    const second = new Writer(directory, "second", isByHand ? "" : "take")
    await second.hasAcknowledged(20)
    first.child.kill("SIGCONT")
    expect(await first.failed).toBe("FENCED")
    fenced++
    await second.hasAcknowledged(60)
    const holder: { epoch: number } = JSON.parse(await readFile(join(directory, "lock"), "utf8"))
    expect(holder.epoch).toBe(2)
    const ended = once(second.child, "close")
    second.child.kill("SIGKILL")
    await ended

    await using log = await openFsLog(directory, { segmentBytes: 4_000 })
    const found = new Map<number, string>()
    for await (const { offset, data } of log.replay()) {
      found.set(offset, new TextDecoder().decode(data))
    }
    for (const [offset, text] of [...first.acks, ...second.acks]) {
      expect(found.get(offset), `round ${round}, offset ${offset}`).toBe(text)
      acknowledged++
    }
    expect((await verifyFsLog(directory)).damages).toEqual([])
  }
  expect(fenced).toBe(ROUNDS)
  expect(acknowledged).toBeGreaterThan(ROUNDS * 65)
})

import { expect, test } from "vitest"
import type { Ack, AppendInput, Log, ProducerState } from "./index.ts"
import { MemoryBackend, openLog } from "./index.ts"

const RECORD = new Uint8Array([1])

/** Takes a turn of the event loop for each commit, and says what it is given while it does. */
class SlowBackend extends MemoryBackend {
  readonly counts: number[] = []
  /** What is known of the producers when a commit begins. */
  readonly known: ProducerState[][] = []
  underWay = 0
  /** How many commits were under way together, at most. */
  most = 0

  override async commit(commit: Parameters<MemoryBackend["commit"]>[0]) {
    this.most = Math.max(this.most, ++this.underWay)
    this.counts.push(commit.count)
    this.known.push(this.producers?.snapshot() ?? [])
    await new Promise((resolve) => setImmediate(resolve))
    this.underWay--
    return super.commit(commit)
  }
}

/** As many producers, each of which sends a record when the one before is acknowledged. */
async function appendClosed(log: Log, writers: number, each: number): Promise<void> {
  const write = async (_: unknown, writer: number): Promise<void> => {
    const producer = { id: `${writer}`, epoch: 0 }
    const pair: ReadableWritablePair<Ack, AppendInput> = log.append({ producer })
    const [into, acks] = [pair.writable.getWriter(), pair.readable.getReader()]
    for (let n = 0; n < each; n++) {
      void into.write(RECORD)
      await acks.read()
    }
    await into.close()
  }
  await Promise.all(Array.from({ length: writers }, write))
}

test("producers that wait for each acknowledgement form one commit each time, and none of one", async () => {
  for (const producers of [1, 64, 1_024]) {
    const backend = new SlowBackend()
    await appendClosed(openLog(backend), producers, 20)
    expect(backend.counts).toEqual(Array.from({ length: 20 }, () => producers))
    expect(backend.most, "commits under way together").toBe(1)
  }
})

test("a commit begins when all that was stored before is known", async () => {
  const backend = new SlowBackend()
  await appendClosed(openLog(backend), 1_024, 4)
  let stored = 0
  for (const [index, known] of backend.known.entries()) {
    expect(known.reduce((sum, { batches }) => sum + batches.length, 0)).toBe(stored)
    stored += backend.counts[index] ?? 0
  }
  expect(stored).toBe(4_096)
})

/** Knows the buffers that it was lent, and how large its commits were. */
class WatchingBackend extends SlowBackend {
  readonly buffers: ArrayBufferLike[] = []
  readonly sizes: number[] = []

  override commit(commit: Parameters<MemoryBackend["commit"]>[0]) {
    this.buffers.push(commit.bytes.buffer)
    this.sizes.push(commit.bytes.length)
    return super.commit(commit)
  }
}

const PENDING = 8 * 1_048_576
const LARGE = new Uint8Array(65_535)

async function appendLarge(log: Log, count: number): Promise<void> {
  const writer = log.writable({ maxPendingBytes: PENDING }).getWriter()
  for (let n = 0; n < count; n++) await writer.write(LARGE)
  await writer.close()
}

test("a buffer is filled again and again, however much may be pending, and a rush leaves few of them", async () => {
  const backend = new WatchingBackend()
  const log = openLog(backend)
  await appendLarge(log, 1_600)
  const first = new Set(backend.buffers)
  expect(backend.buffers.length).toBeGreaterThanOrEqual(100)
  // As many as are pending, one under way and one to fill.
  expect(first.size).toBeLessThanOrEqual(10)
  expect(Math.max(...Array.from(first, ({ byteLength }) => byteLength))).toBeLessThanOrEqual(
    2_097_152,
  )
  backend.buffers.length = 0
  await new Promise((resolve) => setImmediate(resolve))
  await appendLarge(log, 1_600)
  const kept = backend.buffers.filter((buffer) => first.has(buffer))
  const bytes = Array.from(new Set(kept), ({ byteLength }) => byteLength)
  expect(bytes.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(4_194_304)
  expect(bytes.length).toBeGreaterThan(0)
})

test("a full commit begins although more arrives", async () => {
  const backend = new WatchingBackend()
  await appendLarge(openLog(backend), 120)
  expect(backend.sizes[0]).toBe(1_048_576)
})

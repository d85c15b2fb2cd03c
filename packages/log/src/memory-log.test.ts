import { runInNewContext } from "node:vm"
import { toArray } from "@bellmouth/core"
import { expect, test } from "vitest"
import { logConformance } from "./conformance/log-conformance.ts"
import type { Ack, Log } from "./log.ts"
import { createMemoryLog, MemoryBackend } from "./memory-log.ts"
import { type Offset, START, toOffset } from "./offset.ts"
import { openLog } from "./open-log.ts"

const cases = logConformance({
  supports: {
    append: true,
    producers: true,
    trim: true,
    seal: true,
    fork: "shared",
    reopen: false,
    manyWriters: false,
  },
  create: async () => ({ log: createMemoryLog() }),
})
for (const { name, run, skip } of cases) test.skipIf(skip !== undefined)(`memory log: ${name}`, run)

test("createMemoryLog refuses a maxBatchBytes that is no limit", () => {
  for (const maxBatchBytes of [0, -1, 1.5, Number.NaN, 2 ** 32]) {
    expect(() => createMemoryLog({ maxBatchBytes })).toThrow(RangeError)
  }
})

test("a record that was transferred is refused, and harms none that comes after it", async () => {
  const data = Uint8Array.of(1)
  structuredClone(data, { transfer: [data.buffer] })
  const log = createMemoryLog()
  const batches = [
    data,
    [Uint8Array.of(2), data],
    [Uint8Array.of(10), data],
    { offset: START, data },
  ]
  for (const [index, input] of batches.entries()) {
    await expect(log.appendBatch(input)).rejects.toThrow(TypeError)
    await log.appendBatch(Uint8Array.of(index))
  }
  const entries = await toArray(log.replay())
  expect(entries.map((entry) => [...entry.data])).toEqual([[0], [1], [2], [3]])
})

test("records of another realm are stored, alone, in a batch and as an entry", async () => {
  const data = runInNewContext("Uint8Array.of(1, 10)") as Uint8Array
  const log = createMemoryLog()
  for (const input of [data, [data, data], { offset: toOffset(3), data }])
    await log.appendBatch(input)
  expect((await toArray(log.replay())).map((entry) => [...entry.data])).toEqual(
    Array(4).fill([1, 10]),
  )
})

test("a fork of a fork knows a batch as far as the first fork has kept it", async () => {
  const bytes = new Uint8Array([1])
  const producer = { id: "one", epoch: 0 }
  const send = async (to: Log): Promise<Ack | undefined> => {
    const { readable, writable } = to.append({ producer })
    void writable.getWriter().write([bytes, bytes, bytes])
    return (await readable.getReader().read()).value
  }
  const log = createMemoryLog()
  await send(log)
  const first = await log.fork(toOffset(1), "first")
  const more = first.writable().getWriter()
  await more.write(bytes)
  await more.close()
  const second = await first.fork(toOffset(2), "second")
  const wanted = { offset: 0, count: 1, level: "memory", repeated: true }
  expect(await send(first)).toEqual(wanted)
  expect(await send(second)).toEqual(wanted)
})

test("what the storage fails to read with is a LogError, whoever asks", async () => {
  const cause = new Error("input/output error")
  class Failing extends MemoryBackend {
    isFailing = false
    override start(): Promise<Offset> {
      return this.isFailing ? Promise.reject(cause) : super.start()
    }
    override tail(): Promise<Offset> {
      return this.isFailing ? Promise.reject(cause) : super.tail()
    }
    override sealed(): Promise<boolean> {
      return this.isFailing ? Promise.reject(cause) : super.sealed()
    }
  }
  const backend = new Failing()
  const log = openLog(backend)
  backend.isFailing = true
  const failed = { name: "LogError", code: "READ_FAILED", cause }
  for (const ask of [
    () => log.start(),
    () => log.tail(),
    () => log.sealed(),
    () => log.trim(START),
    () => log.fork(START, "fork"),
    () => log.seal(),
    () => Array.fromAsync(log.replay()),
  ]) {
    await expect(ask()).rejects.toMatchObject(failed)
  }
  backend.isFailing = false
  const writer = log.writable().getWriter()
  await writer.write(new Uint8Array([1]))
  await writer.close()
  expect(await log.seal()).toBe(1)
})

test("a replay of a batch is left after its first record without an error", async () => {
  const log = createMemoryLog()
  const writer = log.writable().getWriter()
  await writer.write([1, 2, 3].map((byte) => new Uint8Array([byte])))
  await writer.close()
  const seen: number[] = []
  for await (const { offset } of log.replay()) {
    seen.push(offset)
    break
  }
  const reader = log.replay().getReader()
  await reader.read()
  await reader.cancel()
  expect(seen).toEqual([0])
})

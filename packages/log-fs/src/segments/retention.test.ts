import { toOffset } from "@bellmouth/log"
import { expect, test } from "vitest"
import type { FileLayer } from "../files/file-layer.ts"
import { type FsLog, type FsLogOptions, openFsLog } from "../open-fs-log.ts"
import { verifyFsLog } from "../repair/verify-fs-log.ts"
import { faultLayer } from "../testing/fault-layer.ts"
import { MemoryFileLayer } from "../testing/memory-file-layer.ts"
import type { Retention } from "./retention.ts"

const SEGMENT_BYTES = 500

async function append(log: FsLog, count: number, size = 100): Promise<void> {
  for (let n = 0; n < count; n++) {
    const writer = log.writable().getWriter()
    void writer.write(new Uint8Array(size).fill(0x78))
    await writer.close()
  }
}

function bytesOf(fileLayer: MemoryFileLayer): number {
  const segments = [...fileLayer.files].filter(([path]) => path.endsWith(".log"))
  return segments.reduce((sum, [, bytes]) => sum + bytes.length, 0)
}

async function open(retention: Retention, options: FsLogOptions = {}) {
  const fileLayer = new MemoryFileLayer()
  const init = { fileLayer, segmentBytes: SEGMENT_BYTES, retention, ...options }
  return { fileLayer, log: await openFsLog("/log", init), init }
}

test("a log stays within maxBytes, and keeps what there is room for", async () => {
  const { fileLayer, log, init } = await open({ maxBytes: 2_000 })
  for (let n = 0; n < 60; n++) {
    await append(log, 1)
    expect(bytesOf(fileLayer)).toBeLessThanOrEqual(2_000 + 150)
  }
  expect(await log.start()).toBeGreaterThan(40)
  expect(bytesOf(fileLayer)).toBeGreaterThan(1_000)
  const read = await Array.fromAsync(log.replay())
  expect(read.length).toBe(60 - (await log.start()))
  await log.close()
  expect((await verifyFsLog("/log", { fileLayer })).damages).toEqual([])
  await using again = await openFsLog("/log", init)
  expect(await again.tail()).toBe(60)
})

test("a segment goes when all of its records are older than maxAgeMs, and not before", async () => {
  let now = 1_000_000
  const { log } = await open({ maxAgeMs: 1_000 }, { now: () => now })
  await append(log, 10)
  now += 999
  await append(log, 1)
  expect(await log.start()).toBe(0)
  now += 20
  await append(log, 1)
  // Those of the first segments were made at once, those of the last are still young.
  expect(await log.start()).toBeGreaterThan(0)
  expect(await log.start()).toBeLessThan(12)
  now += 1e9
  await append(log, 1)
  expect(await log.start()).toBeGreaterThan(6)
  expect(await log.tail()).toBe(13)
  await log.close()
})

test("the last segment is never given up, whatever the limits", async () => {
  let now = 1
  const { log } = await open({ maxBytes: 0, maxAgeMs: 0 }, { now: () => (now += 1_000) })
  for (let n = 0; n < 30; n++) {
    await append(log, 1)
    const kept = await Array.fromAsync(log.replay())
    expect(kept.at(-1)?.offset).toBe(n)
  }
  await log.close()
})

test("what a replay of this process has still to read is held, until it is read or cancelled", async () => {
  const { log } = await open({ maxBytes: 600 })
  await append(log, 2)
  const reader = log.replay({ follow: true }).getReader()
  expect((await reader.read()).value?.offset).toBe(0)
  await append(log, 30)
  const held = await log.start()
  expect(held).toBeLessThan(8)
  for (let offset = 1; offset < 32; offset++) {
    expect((await reader.read()).value?.offset).toBe(offset)
  }
  await reader.cancel()
  await append(log, 20)
  expect(await log.start()).toBeGreaterThan(30)
  await log.close()
})

test("one commit removes a bounded number of segments, and the next ones go on", async () => {
  const { fileLayer, log } = await open({})
  await append(log, 200)
  await log.close()
  const removed: number[] = []
  const limited = { fileLayer, segmentBytes: SEGMENT_BYTES, retention: { maxBytes: 1_000 } }
  await using again = await openFsLog("/log", limited)
  for (let commit = 0; commit < 10; commit++) {
    const segments = (): number =>
      [...fileLayer.files.keys()].filter((p) => p.endsWith(".log")).length
    const before = segments()
    await append(again, 1)
    removed.push(before - segments())
  }
  expect(Math.max(...removed)).toBeLessThanOrEqual(8)
  expect(removed.reduce((sum, count) => sum + count)).toBeGreaterThan(30)
  expect(bytesOf(fileLayer)).toBeLessThanOrEqual(1_150)
})

test("retain gives up at once what is over its limits; a reader can not", async () => {
  const { fileLayer, log } = await open({})
  await append(log, 100)
  expect(await log.retain({})).toBe(0)
  const start = await log.retain({ maxBytes: 2_000 })
  expect(start).toBeGreaterThan(80)
  expect(bytesOf(fileLayer)).toBeLessThanOrEqual(2_000)
  await using reader = await openFsLog("/log", { fileLayer, mode: "read" })
  await expect(reader.retain({ maxBytes: 0 })).rejects.toMatchObject({ code: "READ_ONLY" })
  await log.close()
})

test("limits that are none are a RangeError", async () => {
  for (const retention of [{ maxBytes: -1 }, { maxAgeMs: 1.5 }, { maxBytes: Number.NaN }]) {
    await expect(open(retention)).rejects.toBeInstanceOf(RangeError)
  }
})

test("a fork and a replay that begin while segments are given up are not cut off", async () => {
  for (const call of ["open", "remove"]) {
    let begin = (): void => {}
    const files = new MemoryFileLayer()
    const fileLayer = faultLayer(files, ({ name, path }) => {
      if (name === call && path.endsWith("0.log")) begin()
      return undefined
    })
    const init = { fileLayer, segmentBytes: SEGMENT_BYTES }
    await using log = await openFsLog("/log", { ...init, retention: { maxBytes: 1_500 } })
    const begun: Promise<readonly [number, number]>[] = []
    begin = () => {
      begin = () => {}
      const forked = log.tail().then((tail) => log.fork(tail, "/fork"))
      const read = Array.fromAsync(log.replay())
      begun.push(
        Promise.all([forked, read]).then(async ([fork, entries]) => {
          const count = (await fork.tail()) - (await fork.start())
          await fork.close()
          return [count, entries.length]
        }),
      )
    }
    await append(log, 20)
    const [counts] = await Promise.all(begun)
    expect(counts?.[0], call).toBeGreaterThan(0)
    expect(counts?.[1], call).toBe(counts?.[0])
  }
})

test("what another has given up meanwhile does not keep retain() from going on", async () => {
  const files = new MemoryFileLayer()
  const log = await openFsLog("/log", { fileLayer: files, segmentBytes: SEGMENT_BYTES })
  await append(log, 30)
  await log.close()
  let meanwhile: (() => Promise<void>) | undefined
  const fileLayer: FileLayer = {
    ...faultLayer(files, () => undefined),
    async open(path, mode) {
      const act = path.endsWith(".log") ? meanwhile : undefined
      if (act !== undefined) meanwhile = undefined
      await act?.()
      return files.open(path, mode)
    },
  }
  for (const policy of [{ maxBytes: 0 }, { maxAgeMs: 0 }]) {
    await using again = await openFsLog("/log", { fileLayer, segmentBytes: SEGMENT_BYTES })
    await append(again, 20)
    meanwhile = async () => again.trim(toOffset((await again.tail()) - 1))
    expect(await again.retain(policy)).toBe((await again.tail()) - 1)
    expect(meanwhile).toBeUndefined()
  }
})

test("retain() rejects with READ_FAILED when the segments can not be read, and the log goes on", async () => {
  const error = Object.assign(new Error("input/output error"), { code: "EIO" })
  let isFailing = false
  const fileLayer = faultLayer(new MemoryFileLayer(), ({ name }) =>
    isFailing && name === "open" ? { type: "error", error } : undefined,
  )
  await using log = await openFsLog("/log", { fileLayer, segmentBytes: SEGMENT_BYTES })
  await append(log, 20)
  isFailing = true
  const failed = { code: "READ_FAILED", cause: error, path: "/log" }
  await expect(log.retain({ maxBytes: 0 })).rejects.toMatchObject(failed)
  isFailing = false
  expect(await log.retain({ maxBytes: 0 })).toBeGreaterThan(10)
})

test.each([
  ["its bytes", { maxBytes: 2_000 }],
  ["its age", { maxAgeMs: 1_000 }],
])(
  "a damaged header of a segment does not stop appends, nor its segment from going by %s",
  async (_, retention) => {
    let now = 1_000_000
    const options = { now: () => now }
    const { fileLayer, log, init } = await open(retention, options)
    await append(log, 12)
    await log.close()
    const damaged = [...fileLayer.files.keys()].filter((path) => path.endsWith(".log")).sort()[1]
    const bytes = fileLayer.files.get(damaged ?? "") ?? expect.fail("no second segment")
    bytes[40] = 1 ^ (bytes[40] ?? 0)
    await using again = await openFsLog("/log", init)
    await append(again, 1)
    // It is told to who reads it.
    await expect(Array.fromAsync(again.replay())).rejects.toMatchObject({ code: "CORRUPT" })
    for (let n = 0; n < 30; n++) {
      now += 100
      await append(again, 1)
    }
    expect(await again.tail()).toBe(43)
    expect(fileLayer.files.has(damaged ?? "")).toBe(false)
    expect((await Array.fromAsync(again.replay())).length).toBe(43 - (await again.start()))
  },
)

import { createMemoryLog, type RecordBatch, toOffset, toRecordBatch } from "@bellmouth/log"
import { expect, test } from "vitest"
import { logBody } from "./log-body.ts"
import { NdjsonRecordEncoder } from "./ndjson-record-encoder.ts"
import type { Schedule } from "./schedule.ts"

/** A clock that stands still until it is told to fire. */
class FakeTimers {
  readonly waiting = new Set<() => void>()
  readonly delays: number[] = []
  readonly schedule: Schedule = (callback, delayMs) => {
    this.delays.push(delayMs)
    this.waiting.add(callback)
    return () => this.waiting.delete(callback)
  }
  fire(): void {
    for (const callback of Array.from(this.waiting)) {
      this.waiting.delete(callback)
      callback()
    }
  }
}

function batchOf(record: string): RecordBatch {
  const bytes = new TextEncoder().encode(`${record}\n`)
  return toRecordBatch({ offset: toOffset(0), count: 1, framing: "lines", bytes })
}

function bodyOver(source: UnderlyingDefaultSource<RecordBatch>, heartbeatMs = 1000) {
  const timers = new FakeTimers()
  const abort = new AbortController()
  const batches = new ReadableStream<RecordBatch>(source, { highWaterMark: 0 })
  const body = logBody({
    reader: batches.getReader(),
    first: undefined,
    from: toOffset(0),
    encoder: new NdjsonRecordEncoder(),
    heartbeatMs,
    schedule: timers.schedule,
    signal: abort.signal,
  })
  return { timers, abort, body }
}

const settle = () => new Promise((resolve) => setImmediate(resolve))
const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes)

test("a silent body beats at the interval while it is read, and never while it is not", async () => {
  let give: ((record: string) => void) | undefined
  const { timers, body } = bodyOver({
    pull(controller) {
      return new Promise((resolve) => {
        give = (record) => resolve(controller.enqueue(batchOf(record)))
      })
    },
  })
  await settle()
  expect(timers.delays).toEqual([])
  const reader = body.getReader()
  for (let beat = 0; beat < 3; beat++) {
    const read = reader.read()
    await settle()
    expect(timers.waiting.size).toBe(1)
    timers.fire()
    expect(text((await read).value)).toBe("\n")
    await settle()
    expect(timers.waiting.size).toBe(0)
  }
  const read = reader.read()
  await settle()
  give?.("1")
  expect(text((await read).value)).toBe("1\n")
  expect(timers.waiting.size).toBe(0)
  expect(timers.delays).toEqual([1000, 1000, 1000, 1000])
})

test("a body is pulled one batch at a time", async () => {
  let pulls = 0
  const { body } = bodyOver({
    pull(controller) {
      pulls++
      controller.enqueue(batchOf("1"))
    },
  })
  await settle()
  expect(pulls).toBe(0)
  const reader = body.getReader()
  await reader.read()
  await reader.read()
  await settle()
  expect(pulls).toBe(2)
})

test("cancel reaches an idle log's reader at once, with the reason, and stops the clock", async () => {
  const reasons: unknown[] = []
  const { timers, body } = bodyOver({
    pull: () => new Promise(() => {}),
    cancel: (reason) => void reasons.push(reason),
  })
  const reader = body.getReader()
  const read = reader.read()
  await settle()
  await reader.cancel("gone")
  expect(reasons).toEqual(["gone"])
  expect(await read).toEqual({ done: true, value: undefined })
  expect(timers.waiting.size).toBe(0)
})

test("the request's signal ends the body where the runtime does not cancel it", async () => {
  const reasons: unknown[] = []
  const { abort, timers, body } = bodyOver({
    pull: () => new Promise(() => {}),
    cancel: (reason) => void reasons.push(reason),
  })
  const read = body.getReader().read()
  await settle()
  abort.abort("left")
  await expect(read).rejects.toBe("left")
  await settle()
  expect([reasons, timers.waiting.size]).toEqual([["left"], 0])
})

test("a runtime that cancels the body as well, right behind the signal, is told of no error", async () => {
  const { abort, body } = bodyOver({ pull: () => new Promise(() => {}) })
  const reader = body.getReader()
  const read = reader.read()
  await settle()
  abort.abort("left")
  await reader.cancel("left")
  expect(await read).toEqual({ done: true, value: undefined })
  await reader.closed
})

test("an abort after the end disturbs nothing", async () => {
  const { abort, body } = bodyOver({ pull: (controller) => controller.close() })
  expect(await new Response(body as ReadableStream<Uint8Array<ArrayBuffer>>).text()).toBe("")
  abort.abort("late")
})

test("a failing log breaks the body with the log's own error", async () => {
  const failure = new Error("CORRUPT")
  let pulls = 0
  const { body } = bodyOver({
    pull(controller) {
      if (pulls++ > 0) throw failure
      controller.enqueue(batchOf("1"))
    },
  })
  const reader = body.getReader()
  expect(text((await reader.read()).value)).toBe("1\n")
  await expect(reader.read()).rejects.toBe(failure)
})

test("a disconnect cancels the reader, and the log goes on", async () => {
  const log = createMemoryLog()
  const { createLogHandler } = await import("./log-handler.ts")
  const request = new Request("http://localhost/", { headers: { accept: "text/event-stream" } })
  const response = await createLogHandler(log)(request)
  const reader = response.body?.getReader()
  await reader?.read()
  const idle = reader?.read()
  await reader?.cancel()
  expect((await idle)?.done).toBe(true)
  const writer = log.writable().getWriter()
  await writer.write(new TextEncoder().encode("1"))
  await writer.close()
  expect(await log.tail()).toBe(1)
})

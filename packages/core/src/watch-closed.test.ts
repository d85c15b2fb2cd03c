import { expect, test } from "vitest"
import { toArray } from "./sinks/to-array.ts"
import { from } from "./sources/from.ts"
import { fromPush } from "./sources/from-push.ts"
import type { PushController } from "./sources/push-source.ts"
import { stage } from "./stage/stage.ts"
import { checkLaws } from "./testing/index.ts"
import { ScriptedSink } from "./testing/scripted-sink.ts"
import { Turns } from "./testing/turns.ts"
import { map } from "./transforms/map.ts"
import { watchClosed } from "./watch-closed.ts"

const turns = new Turns({ turn: () => Promise.resolve(), quietTurns: 32 })
const boom = new Error("boom")

function own() {
  let controller: PushController<number> | undefined
  const readable = fromPush<number>({
    start(given) {
      controller = given
    },
  })
  if (controller === undefined) throw new Error("start was not called")
  return { readable, controller }
}
function foreign() {
  let controller: ReadableStreamDefaultController<number> | undefined
  const readable = new ReadableStream<number>({
    start(given) {
      controller = given
    },
  })
  if (controller === undefined) throw new Error("start was not called")
  return { readable, controller }
}

for (const [kind, open] of Object.entries({ own, foreign })) {
  test(`a watched ${kind} readable is free, and over when it has closed and been read`, async () => {
    const { readable, controller } = open()
    const { stream, ended } = watchClosed<number>(readable)
    expect(stream.locked).toBe(false)
    expect(stream === readable).toBe(kind === "own")
    controller.enqueue(1)
    controller.close()
    expect((await turns.settle(ended)).state).toBe("pending")
    expect(await toArray(stream)).toEqual([1])
    expect(await ended).toEqual({ type: "closed" })
  })

  test(`a watched ${kind} readable is over at once when it is cancelled or fails, or closes empty`, async () => {
    const cancelled = open()
    const watched = watchClosed<number>(cancelled.readable)
    await watched.stream.cancel(boom)
    expect(await watched.ended).toEqual({ type: "ended-early", reason: boom })
    const failed = open()
    const failing = watchClosed<number>(failed.readable)
    failed.controller.error(boom)
    expect(await failing.ended).toEqual({ type: "ended-early", reason: boom })
    await expect(failing.stream.getReader().closed).rejects.toBe(boom)
    const closed = open()
    const closing = watchClosed<number>(closed.readable)
    closed.controller.close()
    expect(await closing.ended).toEqual({ type: "closed" })
  })
}

test("a watched readable of ours still fuses, and is told of a later stage's failure", async () => {
  const { stream, ended } = watchClosed(from([1, 2]))
  const failing = map(() => {
    throw boom
  })
  await expect(toArray(stream.pipeThrough(failing))).rejects.toBe(boom)
  expect(await ended).toEqual({ type: "ended-early", reason: boom })
})

test("the end of a stage's readable is seen through its engine: abort, close", async () => {
  const aborted = stage<number, number>({})
  const watched = watchClosed(aborted.readable)
  expect(watched.stream).toBe(aborted.readable)
  await aborted.writable.abort(boom)
  expect(await watched.ended).toEqual({ type: "ended-early", reason: boom })
  const closed = stage<number, number>({})
  const closing = watchClosed(closed.readable)
  await closed.writable.close()
  expect(await closing.ended).toEqual({ type: "closed" })
})

test("a readable that has been read from is wrapped, and nothing of it is lost", async () => {
  const readable = from([1, 2, 3])
  const reader = readable.getReader()
  await reader.read()
  reader.releaseLock()
  const { stream, ended } = watchClosed(readable)
  expect(stream).not.toBe(readable)
  expect(await toArray(stream)).toEqual([2, 3])
  expect(await ended).toEqual({ type: "closed" })
})

test("wrapping a readable keeps the laws", async () => {
  const report = await checkLaws<number, number>({
    create() {
      const { readable, writable } = new TransformStream<number, number>()
      return { readable: watchClosed(readable).stream, writable }
    },
    inputs: [1, 2, 3, 4, 5],
    outputs: [1, 2, 3, 4, 5],
  })
  expect(report.held).toBeGreaterThanOrEqual(11)
})

test("wrapping a writable keeps the laws", async () => {
  const report = await checkLaws<number, number>({
    create() {
      const { readable, writable } = new TransformStream<number, number>()
      return { readable, writable: watchClosed(writable).stream }
    },
    inputs: [1, 2, 3, 4, 5],
    outputs: [1, 2, 3, 4, 5],
    limits: { readAhead: 2 },
  })
  expect(report.held).toBeGreaterThanOrEqual(11)
})

test("a watched writable is over when its sink has closed", async () => {
  const sink = new ScriptedSink<number>({}, () => {})
  const { stream, ended } = watchClosed(sink.writable)
  await from([1, 2]).pipeTo(stream)
  expect(await ended).toEqual({ type: "closed" })
  expect([sink.chunks, sink.closes]).toEqual([[1, 2], 1])
})

test("a watched writable is over when it is aborted, while a write is in flight, too", async () => {
  const sink = new ScriptedSink<number>({ held: true }, () => {})
  const { stream, ended } = watchClosed(sink.writable)
  const writer = stream.getWriter()
  writer.write(1).catch(() => {})
  await turns.quiet()
  const aborting = writer.abort(boom)
  await turns.quiet()
  sink.release()
  await aborting
  expect(await ended).toEqual({ type: "ended-early", reason: boom })
  expect(sink.aborts).toEqual([boom])
})

test("a failure of a watched writable's sink is seen at once at both", async () => {
  const sink = new ScriptedSink<number>({ failAt: { index: 0, reason: boom } }, () => {})
  const { stream, ended } = watchClosed(sink.writable)
  const writer = stream.getWriter()
  await expect(writer.write(1)).rejects.toBe(boom)
  await expect(writer.closed).rejects.toBe(boom)
  expect(await ended).toEqual({ type: "ended-early", reason: boom })
})

test("an abort is news at once, also when a write never ends", async () => {
  const stuck = new WritableStream<number>({ write: () => new Promise<void>(() => {}) })
  const { stream, ended } = watchClosed(stuck)
  const writer = stream.getWriter()
  writer.write(1).catch(() => {})
  await Promise.resolve()
  writer.abort(boom).catch(() => {})
  expect(await ended).toEqual({ type: "ended-early", reason: boom })
})

test("a failure of an idle writable behind the watch reaches its producer", async () => {
  let controller: WritableStreamDefaultController | undefined
  const writable = new WritableStream<number>({
    start(given) {
      controller = given
    },
  })
  const writer = watchClosed(writable).stream.getWriter()
  controller?.error(boom)
  await expect(writer.closed).rejects.toBe(boom)
})

test("watchClosed refuses a locked stream", () => {
  const { readable, writable } = new TransformStream()
  readable.getReader()
  writable.getWriter()
  expect(() => watchClosed(readable)).toThrow(TypeError)
  expect(() => watchClosed(writable)).toThrow(TypeError)
})

import { expect, test } from "vitest"
import { from } from "../sources/from.ts"
import { ScriptedSink } from "../testing/scripted-sink.ts"
import { ScriptedSource } from "../testing/scripted-source.ts"
import { Turns } from "../testing/turns.ts"
import { pipeToAll } from "./pipe-to-all.ts"

const turns = new Turns({ turn: () => Promise.resolve(), quietTurns: 64 })
const nothing = (): void => {}
const numbers = Array.from({ length: 50 }, (_, index) => index)
const boom = new Error("boom")

test("pipeToAll gives everything to all, and closes them", async () => {
  const sinks = [new ScriptedSink<number>({}, nothing), new ScriptedSink<number>({}, nothing)]
  await pipeToAll(
    from(numbers),
    sinks.map(({ writable }) => writable),
    { highWaterMark: 2 },
  )
  for (const { chunks, closes } of sinks) {
    expect(chunks).toEqual(numbers)
    expect(closes).toBe(1)
  }
})

test("a slow sink governs: the source is never further ahead of it than the bound", async () => {
  const source = new ScriptedSource(numbers, "close", nothing)
  const [fast, slow] = [
    new ScriptedSink<number>({}, nothing),
    new ScriptedSink<number>({ held: true }, nothing),
  ]
  const done = pipeToAll(source.readable, [fast.writable, slow.writable], { highWaterMark: 3 })
  let looks = 0
  do {
    await turns.quiet()
    // one chunk waits in the sink's own queue, or is just being read
    expect(source.given).toBeLessThanOrEqual(slow.chunks.length + 3 + 1)
    looks++
  } while (slow.release())
  await done
  expect(looks).toBeGreaterThan(50)
  expect(fast.chunks).toEqual(slow.chunks)
})

test("a sink that fails does not hurt the others; its error is in the AggregateError", async () => {
  const source = new ScriptedSource(numbers, "close", nothing)
  const bad = new ScriptedSink<number>({ failAt: { index: 3, reason: boom } }, nothing)
  const good = new ScriptedSink<number>({}, nothing)
  const done = pipeToAll(source.readable, [bad.writable, good.writable])
  await expect(done).rejects.toMatchObject({ name: "AggregateError", errors: [boom] })
  expect(good.chunks).toEqual(numbers)
  expect(good.closes).toBe(1)
  expect(source.cancels).toEqual([])
})

test("when all sinks have failed the source is cancelled with all reasons", async () => {
  const source = new ScriptedSource(numbers, "idle", nothing)
  const other = new Error("other")
  const sinks = [
    new ScriptedSink<number>({ failAt: { index: 1, reason: boom } }, nothing),
    new ScriptedSink<number>({ failAt: { index: 2, reason: other } }, nothing),
  ]
  const done = pipeToAll(
    source.readable,
    sinks.map(({ writable }) => writable),
  )
  await expect(done).rejects.toMatchObject({ errors: [boom, other] })
  expect(source.cancels).toMatchObject([{ errors: [boom, other] }])
})

test("an error of the readable aborts every sink with itself, after what came before", async () => {
  const source = new ScriptedSource([1, 2], "idle", nothing)
  const sinks = [new ScriptedSink<number>({}, nothing), new ScriptedSink<number>({}, nothing)]
  const done = pipeToAll(
    source.readable,
    sinks.map(({ writable }) => writable),
  )
  done.catch(nothing)
  await turns.quiet()
  source.error(boom)
  await expect(done).rejects.toBe(boom)
  for (const sink of sinks) {
    expect(sink.chunks).toEqual([1, 2])
    expect(sink.aborts).toEqual([boom])
  }
})

test("the signal cancels an idle source and aborts the sinks at once, with its reason", async () => {
  for (const when of ["before", "during"] as const) {
    const source = new ScriptedSource<number>([], "idle", nothing)
    const sink = new ScriptedSink<number>({}, nothing)
    const abortion = new AbortController()
    if (when === "before") abortion.abort(boom)
    const done = pipeToAll(source.readable, [sink.writable], { signal: abortion.signal })
    done.catch(nothing)
    await turns.quiet()
    abortion.abort(boom)
    await expect(done).rejects.toBe(boom)
    expect(source.cancels).toEqual([boom])
    expect(sink.aborts).toEqual([boom])
  }
})

test("preventClose and preventAbort leave the sinks open", async () => {
  const closing = new ScriptedSink<number>({}, nothing)
  await pipeToAll(from([1]), [closing.writable], { preventClose: true })
  expect(closing.closes).toBe(0)
  const aborting = new ScriptedSink<number>({}, nothing)
  const source = new ScriptedSource<number>([1], "idle", nothing)
  const done = pipeToAll(source.readable, [aborting.writable], { preventAbort: true })
  done.catch(nothing)
  await turns.quiet()
  source.error(boom)
  await expect(done).rejects.toBe(boom)
  expect(aborting.aborts).toEqual([])
})

test("pipeToAll refuses no writable and locked ones, and then leaves the readable free", async () => {
  const readable = from([1])
  await expect(pipeToAll(readable, [])).rejects.toBeInstanceOf(TypeError)
  const { writable } = new ScriptedSink<number>({}, nothing)
  writable.getWriter()
  await expect(pipeToAll(readable, [writable])).rejects.toBeInstanceOf(TypeError)
  expect(readable.locked).toBe(false)
})

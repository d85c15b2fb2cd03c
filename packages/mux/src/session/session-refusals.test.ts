import { duplexPair, from, toArray } from "@bellmouth/core"
import { expect, test } from "vitest"
import { connect } from "../connect.ts"
import { omnistreams } from "../omnistreams/omnistreams.ts"
import { MuxError } from "../wire/mux-error.ts"
import { Session } from "./session.ts"
import type { SessionOptions } from "./session-options.ts"

function pair(options: SessionOptions = {}, others = options): [Session, Session] {
  const [here, there] = duplexPair<Uint8Array>()
  return [connect(here, options), connect(there, others)]
}

test("What the peer does not take in size fails here, and alone", async () => {
  const [a, b] = pair({}, { maxItemBytes: 1000 })
  b.handle((body) => body)
  await expect(a.request(new Uint8Array(1001))).rejects.toMatchObject({ code: "TOO_LARGE" })
  await expect(a.send(new Uint8Array(1001))).rejects.toMatchObject({ code: "TOO_LARGE" })
  const channel = a.open()
  const writer = channel.writable.getWriter()
  await expect(writer.write(new Uint8Array(1001))).rejects.toMatchObject({ code: "TOO_LARGE" })
  await expect(writer.closed).rejects.toMatchObject({ code: "TOO_LARGE" })
  const wide = a.open(new Uint8Array(65_536))
  await expect(wide.finished).rejects.toMatchObject({ code: "TOO_LARGE" })
  expect((await a.request(new Uint8Array(1000))).length).toBe(1000)
  await a.send(new Uint8Array(1000))
  await channel.readable.cancel()
  await a.close()
})

test("Wrong arguments are refused, and change nothing", async () => {
  const [a, b] = pair()
  b.handle((body) => body)
  // What a caller without types may give.
  const text: never = "text" as never
  expect(() => a.open(text)).toThrow(TypeError)
  await expect(a.request(text)).rejects.toThrow(TypeError)
  await expect(a.send(text)).rejects.toThrow(TypeError)
  expect(() => a.open(new Uint8Array(0), { windowBytes: 0 })).toThrow(RangeError)
  expect(() => new Session({ maxFrameBytes: 4095 })).toThrow(RangeError)
  expect(() => new Session({ windowBytes: 0.5 })).toThrow(RangeError)
  expect(() => new Session({ maxBufferedBytes: 1_000_000 })).toThrow(RangeError)
  expect(() => new Session({ app: "x".repeat(65_536) })).toThrow(RangeError)
  const channel = a.open()
  await expect(channel.writable.getWriter().write(text)).rejects.toThrow(TypeError)
  expect((await a.request(new Uint8Array(1))).length).toBe(1)
  await a.abort()
})

test("With the least budget there is room for one channel of this side, and for it alone", async () => {
  const limits = { windowBytes: 8192, maxFrameBytes: 4096, maxItemBytes: 8192, maxChannels: 2 }
  const least = 4 * (8192 + 8 + 4096) + 2 * 8192
  expect(() => new Session({ ...limits, maxBufferedBytes: least - 1 })).toThrow(RangeError)
  const [a, b] = pair({ ...limits, maxBufferedBytes: least })
  b.handle((body) => body)
  const replies = [1, 2, 3].map((length) => a.request(new Uint8Array(length)))
  expect((await Promise.all(replies)).map(({ length }) => length)).toEqual([1, 2, 3])
  await a.close()
})

test("A transport that is in use already is refused at once", async () => {
  const [here] = duplexPair<Uint8Array>()
  const options = { closeTimeoutMs: 0 }
  const first = connect(here, options)
  expect(() => connect(here)).toThrow(TypeError)
  expect(() => omnistreams(here)).toThrow(TypeError)
  const [{ readable, writable }] = duplexPair<Uint8Array>()
  const writer = writable.getWriter()
  expect(() => connect({ readable, writable })).toThrow(/writable is locked/)
  writer.releaseLock()
  await first.abort()
  await connect({ readable, writable }, options).abort()
})

test("Channels that nobody takes any more are refused, and requests are not", async () => {
  const [a, b] = pair()
  b.handle((body) => body)
  await b.channels.cancel()
  const channel = a.open()
  const read = channel.readable.getReader().read()
  await expect(read).rejects.toMatchObject({ code: "REFUSED" })
  expect((await a.request(new Uint8Array(1))).length).toBe(1)
  await channel.writable.abort().catch(() => {}) // it may have failed meanwhile
  await a.close()
})

test("open() waits for the peer to have room, and is refused when too many wait", async () => {
  const [a, b] = pair({ maxPendingOpens: 2 }, { maxChannels: 1 })
  await a.ready
  const first = a.open()
  const [second, third] = [a.open(), a.open()]
  expect(() => a.open()).toThrow(expect.objectContaining({ code: "REFUSED" }))
  expect(second.id).toBeUndefined()
  // One that waits can be given up without a word to the peer.
  await third.writable.abort()
  await third.readable.cancel()
  await expect(third.finished).rejects.toBeInstanceOf(MuxError)
  const channels = b.channels.getReader()
  const { value: theirs } = await channels.read()
  expect(first.id).toBe(1)
  await Promise.all([first.writable.close(), theirs?.writable.close()])
  await channels.read()
  expect(second.id).toBe(2)
  expect(third.id).toBeUndefined()
  await a.abort()
})

test("A channel's signal ends both directions at both sides", async () => {
  const [a, b] = pair()
  const aborter = new AbortController()
  const ours = a.open(new Uint8Array(0), { signal: aborter.signal })
  const { value: theirs } = await b.channels.getReader().read()
  const failed = theirs?.readable.getReader().read()
  const stopped = theirs?.writable.getWriter().closed
  aborter.abort(new MuxError("APPLICATION", "Enough", { wireCode: 700 }))
  await expect(failed).rejects.toMatchObject({ wireCode: 700 })
  await expect(stopped).rejects.toMatchObject({ wireCode: 700 })
  await expect(ours.readable.getReader().read()).rejects.toMatchObject({ wireCode: 700 })
  expect(() => a.open(new Uint8Array(0), { signal: aborter.signal })).toThrow(MuxError)
  await a.close()
})

test("waitUntil keeps a channel that the peer has given up from ending", async () => {
  const [a, b] = pair({}, { maxChannels: 1 })
  const ours = a.open()
  const { value: theirs } = await b.channels.getReader().read()
  const work = Promise.withResolvers<void>()
  theirs?.waitUntil(work.promise)
  await ours.writable.abort()
  await ours.readable.cancel()
  const next = a.open()
  await new Promise((resolve) => setTimeout(resolve, 5))
  expect(next.id).toBeUndefined()
  work.resolve()
  await expect(ours.finished).rejects.toMatchObject({ code: "CANCELLED" })
  expect(next.id).toBe(2)
  await a.abort()
})

test("A handler of channels that throws fails what it had written behind it", async () => {
  const [a, b] = pair()
  b.serve(async (channel) => {
    await channel.writable.getWriter().write(new Uint8Array([1]))
    throw new MuxError("APPLICATION", "Half way", { wireCode: 800 })
  })
  const ours = a.open()
  const reader = ours.readable.getReader()
  expect((await reader.read()).value).toEqual(new Uint8Array([1]))
  await expect(reader.read()).rejects.toMatchObject({ wireCode: 800, message: "Half way" })
  await a.abort()
})

test("A native pipe and a native writer carry what ours do", async () => {
  const [a, b] = pair({ windowBytes: 3000 })
  b.serve((channel) => channel.readable.pipeTo(channel.writable))
  const ours = a.open()
  const chunks = Array.from({ length: 50 }, (_, n) => new Uint8Array(n * 10).fill(n))
  const native = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk.slice())
      controller.close()
    },
  })
  void native.pipeTo(ours.writable)
  expect(await toArray(ours.readable)).toEqual(chunks)
  const other = a.open()
  const writer = new WritableStreamDefaultWriter(other.writable)
  void (async () => {
    for (const chunk of chunks) await writer.write(chunk.slice())
    await writer.close()
  })()
  expect(await toArray(other.readable)).toEqual(chunks)
  const third = a.open()
  void from(chunks.map((chunk) => chunk.slice())).pipeTo(third.writable)
  expect(await toArray(third.readable)).toEqual(chunks)
  await a.close()
})

test.each([
  ["at once", 0, false],
  ["before the peer has greeted, while writes wait", 3, false],
  ["with nothing written", 0, true],
  ["while writes wait for credit", 3, true],
])("abort() of a channel's writable fulfils: %s", async (_, items, isReady) => {
  const [a, b] = pair({}, { windowBytes: 1 })
  b.serve(() => new Promise(() => {}))
  const writer = a.open().writable.getWriter()
  const reason = new MuxError("APPLICATION", "Enough", { wireCode: 300 })
  const closed = writer.closed.catch((error: unknown) => error)
  const writes = Array.from({ length: items }, () => writer.write(new Uint8Array(10)))
  const settled = Promise.allSettled(writes)
  if (isReady) await b.ready
  if (isReady) await a.request(new Uint8Array(1)).catch(() => {}) // nobody answers: it was there
  await expect(writer.abort(reason)).resolves.toBeUndefined()
  expect(await closed).toBe(reason)
  const last = (await settled).at(-1)
  if (last !== undefined) expect(last).toEqual({ status: "rejected", reason })
  await a.abort()
})

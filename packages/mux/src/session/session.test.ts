import { runInNewContext } from "node:vm"
import { collectText, duplexPair, from, map, toArray } from "@bellmouth/core"
import { expect, test } from "vitest"
import type { Channel } from "../channel/channel.ts"
import { connect } from "../connect.ts"
import { MuxError } from "../wire/mux-error.ts"
import type { Session } from "./session.ts"
import type { SessionOptions } from "./session-options.ts"

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (chunk: Uint8Array): string => new TextDecoder().decode(chunk)

function pair(options: SessionOptions = {}, others = options): [Session, Session] {
  const [here, there] = duplexPair<Uint8Array>()
  return [connect(here, options), connect(there, others)]
}

async function accepted(session: Session): Promise<Channel> {
  const reader = session.channels.getReader()
  const { value } = await reader.read()
  reader.releaseLock()
  if (value === undefined) throw new Error("no channel came")
  return value
}

test("A channel carries chunks both ways, closes each way alone, and is finished when both have", async () => {
  const [a, b] = pair()
  const ours = a.open(bytes("head"))
  void from([bytes("one"), bytes(""), bytes("two")]).pipeTo(ours.writable)
  const theirs = await accepted(b)
  expect(text(theirs.metadata)).toBe("head")
  expect((await toArray(theirs.readable)).map(text)).toEqual(["one", "", "two"])
  const writer = theirs.writable.getWriter()
  await writer.write([bytes("three"), bytes("four")])
  await writer.close()
  expect((await toArray(ours.readable)).map(text)).toEqual(["three", "four"])
  await ours.finished
  await theirs.finished
  await a.close()
  await b.closed
})

test("Where a transport gives Buffers, what is read is none, and a head keeps no large one alive", async () => {
  const [here, there] = duplexPair<Uint8Array>()
  const large = map((chunk: Uint8Array) => {
    const all = Buffer.alloc(chunk.length < 1000 ? 200_000 : chunk.length)
    all.set(chunk)
    return all.subarray(0, chunk.length)
  })
  const a = connect(here)
  const b = connect({ readable: there.readable.pipeThrough(large), writable: there.writable })
  const writer = a.open(bytes("head")).writable.getWriter()
  const { metadata, readable } = await accepted(b)
  const read = readable.getReader().read()
  void writer.write(new Uint8Array(20_000))
  expect((await read).value?.constructor).toBe(Uint8Array)
  expect(text(metadata)).toBe("head")
  expect(metadata.buffer.byteLength).toBeLessThan(100_000)
  expect(metadata.constructor).toBe(Uint8Array)
  await a.abort()
  await b.closed.catch(() => {})
})

test("Bytes of another realm are taken as a head, chunks, messages, requests and replies", async () => {
  const foreign = runInNewContext("Uint8Array.of(104, 105)") as Uint8Array
  const [a, b] = pair()
  const channel = a.open(foreign)
  void from([foreign, [foreign]]).pipeTo(channel.writable)
  const theirs = await accepted(b)
  expect(text(theirs.metadata)).toBe("hi")
  expect((await toArray(theirs.readable)).map(text)).toEqual(["hi", "hi"])
  b.handle(() => foreign)
  expect(text(await a.request(foreign))).toBe("hi")
  await a.send(foreign)
  const { value } = await b.messages.getReader().read()
  expect(value && text(value)).toBe("hi")
  await a.abort()
  await b.closed.catch(() => {})
})

test("Messages that nobody wants any more are dropped, and the session goes on", async () => {
  const [a, b] = pair()
  await b.messages.cancel()
  await a.send(bytes("unread"))
  b.handle((body) => body)
  expect(text(await a.request(bytes("still there")))).toBe("still there")
  await Promise.all([a.close(), b.closed])
})

test("A request gets its reply, and a handler's failure as its code", async () => {
  const [a, b] = pair()
  b.handle((body) => {
    if (body.length === 0) return body
    if (text(body) === "own") throw new MuxError("APPLICATION", "Full", { wireCode: 300 })
    if (text(body) === "bug") throw new Error("secret")
    return Promise.resolve(body.toReversed())
  })
  expect(text(await a.request(bytes("abc")))).toBe("cba")
  expect(await a.request(bytes(""))).toEqual(new Uint8Array(0))
  await expect(a.request(bytes("own"))).rejects.toMatchObject({ wireCode: 300, message: "Full" })
  const failed = a.request(bytes("bug"))
  await expect(failed).rejects.toMatchObject({ code: "INTERNAL" })
  await expect(failed).rejects.not.toThrow(/secret/)
  await expect(b.request(bytes("x"))).rejects.toMatchObject({ code: "UNKNOWN_METHOD" })
  await a.close()
})

test("Requests and replies longer than a frame are cut and joined", async () => {
  const [a, b] = pair({ maxFrameBytes: 4096 })
  b.handle((body) => body.toReversed())
  const body = crypto.getRandomValues(new Uint8Array(50_000))
  expect(await a.request(body.slice())).toEqual(body.toReversed())
  const large = new Uint8Array(3_000_000).fill(7)
  expect((await a.request(large)).length).toBe(3_000_000)
  await a.close()
})

test("Messages arrive in order, and are bounded where nobody reads", async () => {
  const [a, b] = pair({ windowBytes: 1000, maxQueuedBytes: 1000 })
  await a.ready
  let sent = 0
  const sending = (async () => {
    for (; sent < 100; sent++) await a.send(new Uint8Array(92).fill(sent))
  })()
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(sent).toBeLessThan(30)
  const reader = b.messages.getReader()
  for (let n = 0; n < 100; n++) expect((await reader.read()).value?.[0]).toBe(n)
  await sending
  await a.close()
})

test("cancel reaches the writer with its code, abort the reader, and both end the channel", async () => {
  const [a, b] = pair()
  const ours = a.open()
  const theirs = await accepted(b)
  const reason = new MuxError("APPLICATION", "Enough", { wireCode: 400 })
  await theirs.readable.cancel(reason)
  const writer = ours.writable.getWriter()
  await expect(writer.closed).rejects.toMatchObject({ wireCode: 400, message: "Enough" })
  expect(ours.signal.aborted).toBe(true)
  await theirs.writable.abort(new MuxError("TIMEOUT", "Slow"))
  await expect(ours.readable.getReader().read()).rejects.toMatchObject({ code: "TIMEOUT" })
  await expect(ours.finished).rejects.toMatchObject({ wireCode: 400 })
  await expect(theirs.finished).rejects.toBe(reason)
  await a.close()
  await b.closed
})

test("fail delivers what was written, then the error", async () => {
  const [a, b] = pair()
  const ours = a.open()
  const writer = ours.writable.getWriter()
  await writer.write(bytes("first"))
  ours.fail(new MuxError("APPLICATION", "Then this", { wireCode: 256 }))
  const theirs = await accepted(b)
  const reader = theirs.readable.getReader()
  expect(text((await reader.read()).value ?? bytes(""))).toBe("first")
  await expect(reader.read()).rejects.toMatchObject({ message: "Then this" })
})

test("A stalled reader stops its writer at the window and one frame, and no other channel", async () => {
  const [a, b] = pair({ windowBytes: 10_000 })
  b.handle((body) => body)
  const stalled = a.open()
  const writer = stalled.writable.getWriter()
  let written = 0
  const writing = (async () => {
    for (;;) {
      await writer.write(new Uint8Array(992))
      written++
    }
  })()
  writing.catch(() => {})
  expect((await a.request(bytes("x"))).length).toBe(1)
  const theirs = await accepted(b)
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(written).toBeGreaterThanOrEqual(10)
  expect(written).toBeLessThanOrEqual(22)
  const other = a.open()
  void from([bytes("free")]).pipeTo(other.writable)
  expect(await collectText((await accepted(b)).readable)).toBe("free")
  expect((await theirs.readable.getReader().read()).value?.length).toBe(992)
  await a.abort()
})

test("More channels than the peer has places for wait, and open as others end", async () => {
  const [a, b] = pair({ maxChannels: 2 })
  let most = 0
  let alive = 0
  b.serve(async (channel) => {
    most = Math.max(most, ++alive)
    await channel.readable.pipeTo(channel.writable)
    alive--
  })
  const echoes = Array.from({ length: 10 }, async (_, n) => {
    const channel = a.open()
    void from([bytes(String(n))]).pipeTo(channel.writable)
    return await collectText(channel.readable)
  })
  expect(await Promise.all(echoes)).toEqual(Array.from({ length: 10 }, (_, n) => String(n)))
  expect(most).toBe(2)
  await a.close()
})

test("close lets what is open end; abort does not", async () => {
  const [a, b] = pair()
  const ours = a.open()
  const theirs = await accepted(b)
  const closing = a.close()
  expect(() => a.open()).toThrow(expect.objectContaining({ code: "CLOSED" }))
  await expect(a.send(bytes("x"))).rejects.toMatchObject({ code: "CLOSED" })
  void from([bytes("late")]).pipeTo(ours.writable)
  expect(await collectText(theirs.readable)).toBe("late")
  await theirs.writable.close()
  await closing
  await b.closed
  const [c, d] = pair()
  const channel = c.open()
  await accepted(d)
  await c.abort(new MuxError("APPLICATION", "Over", { wireCode: 999 }))
  await expect(c.closed).rejects.toMatchObject({ wireCode: 999 })
  await expect(d.closed).rejects.toMatchObject({ wireCode: 999, message: "Over" })
  await expect(channel.readable.getReader().read()).rejects.toMatchObject({
    code: "CONNECTION_LOST",
  })
})

test("A request is given up by its signal and by its time, and its handler is told", async () => {
  const [a, b] = pair()
  const told: unknown[] = []
  b.handle(
    (_body, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => {
          told.push(signal.reason)
          reject(signal.reason)
        })
      }),
  )
  const aborter = new AbortController()
  const first = a.request(bytes("x"), { signal: aborter.signal })
  await a.ready
  await Promise.resolve()
  aborter.abort("enough")
  await expect(first).rejects.toBe("enough")
  await expect(a.request(bytes("x"), { timeoutMs: 5 })).rejects.toMatchObject({ code: "TIMEOUT" })
  await a.close()
  expect(told.at(-1)).toMatchObject({ code: "TIMEOUT" })
})

test("When the transport is lost everything fails with CONNECTION_LOST, after what has come", async () => {
  const [here, there] = duplexPair<Uint8Array>()
  const a = connect(here)
  const b = connect(there)
  b.handle(() => new Promise(() => {}))
  const ours = a.open()
  const theirs = await accepted(b)
  const writer = theirs.writable.getWriter()
  await writer.write(bytes("kept"))
  const asked = a.request(bytes("x"))
  await new Promise((resolve) => setTimeout(resolve, 5))
  await b.abort()
  await expect(asked).rejects.toMatchObject({ code: "CONNECTION_LOST" })
  const reader = ours.readable.getReader()
  expect(text((await reader.read()).value ?? bytes(""))).toBe("kept")
  await expect(reader.read()).rejects.toMatchObject({ code: "CONNECTION_LOST" })
  await expect(a.closed).rejects.toBeInstanceOf(MuxError)
})

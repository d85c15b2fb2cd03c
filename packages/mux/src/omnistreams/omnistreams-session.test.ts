import { duplexPair, toArray } from "@bellmouth/core"
import { expect, test } from "vitest"
import { omnistreams } from "./omnistreams.ts"
import { encodeOmnistreamsFrame } from "./omnistreams-frame.ts"
import type { OmnistreamsOptions } from "./omnistreams-options.ts"
import { OmnistreamsOutput } from "./omnistreams-output.ts"
import { OmnistreamsSession } from "./omnistreams-session.ts"
import { OutgoingChannel } from "./outgoing-channel.ts"

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex")
const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"))

/** A session and a peer that sends and receives hex. */
function scripted(options: OmnistreamsOptions = {}) {
  const [here, there] = duplexPair<Uint8Array>()
  const session = omnistreams(here, options)
  const writer = there.writable.getWriter()
  const reader = there.readable.getReader()
  writer.closed.catch(() => {})
  return {
    session,
    send: (...messages: string[]) =>
      Promise.all(messages.map((hex) => writer.write(bytesOf(hex)).catch(() => {}))),
    end: () => writer.close(),
    async next(): Promise<string | undefined> {
      const { done, value } = await reader.read()
      return done ? undefined : hexOf(value)
    },
  }
}

async function accept(session: OmnistreamsSession) {
  const reader = session.channels.getReader()
  const { value } = await reader.read()
  reader.releaseLock()
  if (value === undefined) throw new Error("Cannot accept: no channel came")
  return value
}

test.each([-1, 256, 1.5])("A frame of omnistreams with the number %d is not written", (id) => {
  expect(() => encodeOmnistreamsFrame({ type: "end", id })).toThrow(RangeError)
  expect(() => encodeOmnistreamsFrame({ type: "request", id: 0, items: id })).toThrow(RangeError)
})

test("A readable asks for a window when it is first read, and for more when half is taken", async () => {
  const { session, send, next } = scripted({ windowItems: 4 })
  await send("0005")
  const reader = (await accept(session)).readable.getReader()
  const first = reader.read()
  expect(await next()).toBe("040504")
  await send("010561", "010562", "010563", "010564")
  expect(await first).toEqual({ done: false, value: bytesOf("61") })
  await reader.read()
  expect(await next()).toBe("040502")
})

test("A window of 1 asks for each chunk when it is read", async () => {
  const { session, send, next } = scripted({ windowItems: 1 })
  await send("0005")
  const { readable } = await accept(session)
  void session.send(bytesOf("00"))
  expect(await next()).toBe("0500") // nothing was asked for before
  const reader = readable.getReader()
  for (const byte of ["61", "62"]) {
    const read = reader.read()
    expect(await next()).toBe("040501")
    await send(`0105${byte}`)
    expect(await read).toEqual({ done: false, value: bytesOf(byte) })
    await session.send(bytesOf("00"))
    expect(await next()).toBe("0500")
  }
  await send("010563")
  await expect(session.closed).rejects.toMatchObject({ code: "FLOW_CONTROL" })
})

test("A writable sends as many chunks as were asked for", async () => {
  const { session, send, next } = scripted()
  const writer = session.open(bytesOf("aa")).getWriter()
  expect(await next()).toBe("0000aa")
  const writes = ["01", "02", "03"].map((hex) => writer.write(bytesOf(hex)))
  const closed = writer.close()
  await send("040002")
  expect(await next()).toBe("010001")
  expect(await next()).toBe("010002")
  void session.send(bytesOf("ff"))
  expect(await next()).toBe("05ff")
  await send("040001")
  expect(await next()).toBe("010003")
  expect(await next()).toBe("0200")
  await Promise.all([...writes, closed])
})

test("A cancel crosses, and its number is free at once", async () => {
  const { session, send, next } = scripted()
  const writer = session.open().getWriter()
  const write = writer.write(bytesOf("01")).catch((error: unknown) => error)
  await next()
  await send("0300")
  expect(await write).toMatchObject({ code: "CANCELLED" })
  await expect(writer.closed).rejects.toMatchObject({ code: "CANCELLED" })
  await send("0300", "0400ff") // too late, and harmless
  for (let n = 1; n <= 256; n++) session.open()
  expect(() => session.open()).toThrowError(expect.objectContaining({ code: "REFUSED" }))
  for (let n = 1; n < 256; n++) expect(await next()).toBe(`00${hexOf(Uint8Array.of(n))}`)
  expect(await next()).toBe("0000")
})

test("A readable that is cancelled tells the peer once, and takes what was on its way", async () => {
  const { session, send, next } = scripted()
  await send("0003")
  const reader = (await accept(session)).readable.getReader()
  void reader.read()
  expect(await next()).toBe("040310")
  await reader.cancel()
  expect(await next()).toBe("0303")
  await send("010361", "010362", "0203", "0203", "0003bb")
  expect((await accept(session)).metadata).toEqual(bytesOf("bb"))
})

test("A number that is opened again fails the channel before behind what came", async () => {
  const { session, send, next } = scripted()
  await send("0003")
  const reader = (await accept(session)).readable.getReader()
  const first = reader.read()
  await next()
  await send("010361", "010362", "0003")
  await first
  expect((await reader.read()).value).toEqual(bytesOf("62"))
  await expect(reader.read()).rejects.toMatchObject({ code: "CANCELLED" })
  await accept(session)
})

test("A writer that aborts, or writes what it must not, ends its channel", async () => {
  const { session, next } = scripted({ maxMessageBytes: 10 })
  const [first, second, third] = [session.open(), session.open(), session.open()]
  for (let n = 0; n < 3; n++) await next()
  const waiting = first.getWriter()
  const write = waiting.write(bytesOf("01")).catch((error: unknown) => error)
  await waiting.abort("enough")
  expect(await write).toBe("enough")
  expect(await next()).toBe("0200")
  await expect(second.getWriter().write(new Uint8Array(9))).rejects.toMatchObject({
    code: "TOO_LARGE",
  })
  expect(await next()).toBe("0201")
  const wrong: unknown = "text"
  await expect(third.getWriter().write(wrong as Uint8Array)).rejects.toThrow(TypeError)
  expect(await next()).toBe("0202")
  expect(() => session.open(new Uint8Array(9))).toThrow(/takes 8/)
  await expect(session.send(new Uint8Array(10))).rejects.toMatchObject({ code: "TOO_LARGE" })
})

test("Closing drains what is open, refuses what is new, and ends the transport", async () => {
  const { session, send, next } = scripted()
  await send("0003")
  const { readable } = await accept(session)
  const all = toArray(readable)
  await next()
  const closed = session.close()
  expect(() => session.open()).toThrow(expect.objectContaining({ code: "CLOSED" }))
  await send("0004", "010361", "0203")
  expect(await all).toEqual([bytesOf("61")])
  expect(await next()).toBe("0304")
  expect(await next()).toBeUndefined()
  await closed
})

test("A session that closes ends both transports in good order", async () => {
  const [here, there] = duplexPair<Uint8Array>()
  const [client, server] = [new OmnistreamsSession(), new OmnistreamsSession()]
  const pipes = [
    here.readable.pipeThrough(client).pipeTo(here.writable),
    there.readable.pipeThrough(server).pipeTo(there.writable),
  ]
  await client.send(Uint8Array.of(1))
  await client.close()
  await server.closed
  await Promise.all(pipes)
})

test("The end of the transport fails what is open, and nothing else", async () => {
  const idle = scripted()
  await idle.end()
  await idle.session.closed
  const { session, send, end, next } = scripted()
  const writer = session.open().getWriter()
  await send("0003")
  const reader = (await accept(session)).readable.getReader()
  const read = reader.read()
  await next()
  await end()
  await expect(read).rejects.toMatchObject({ code: "CONNECTION_LOST" })
  await expect(writer.closed).rejects.toMatchObject({ code: "CONNECTION_LOST" })
  await expect(session.closed).rejects.toMatchObject({ code: "CONNECTION_LOST" })
})

test("Messages that nobody reads end the session at the limit, unless they are dropped", async () => {
  const options = { maxItemBytes: 100, maxBufferedBytes: 1000 }
  const hostile = scripted(options)
  for (let n = 0; n < 20; n++) await hostile.send(`05${"00".repeat(90)}`)
  await expect(hostile.session.closed).rejects.toMatchObject({ code: "TOO_LARGE" })
  const dropped = scripted(options)
  await dropped.session.messages.cancel()
  for (let n = 0; n < 20; n++) await dropped.send(`05${"00".repeat(90)}`)
  void dropped.session.send(bytesOf("01"))
  expect(await dropped.next()).toBe("0501")
  await dropped.send(`05${"00".repeat(100)}`)
  await expect(dropped.session.closed).rejects.toMatchObject({ code: "TOO_LARGE" })
})

test("Channels that nobody takes are cancelled past the limit, and a peer that reads nothing ends it", async () => {
  const { session, send, next } = scripted({ maxPendingChannels: 2 })
  await send("0000", "0001", "0002")
  expect(await next()).toBe("0302")
  await session.channels.cancel()
  expect(new Set([await next(), await next()])).toEqual(new Set(["0300", "0301"]))
  for (let n = 0; n < 20_000; n++) void send("0007")
  await expect(session.closed).rejects.toMatchObject({ code: "TOO_LARGE" })
})

test.each(["abort", "cancel"])(
  "Nothing is sent behind the end of a channel: %s as demand comes",
  async (how) => {
    const session = new OmnistreamsSession()
    const reader = session.readable.getReader()
    const peer = session.writable.getWriter()
    const writer = session.open().getWriter()
    const write = writer.write(bytesOf("61"))
    expect(hexOf((await reader.read()).value ?? new Uint8Array())).toBe("0000")
    await peer.ready
    const refused = Promise.allSettled([write, writer.closed])
    const ended = [peer.write(bytesOf("040001"))]
    if (how === "abort") ended.push(writer.abort(new Error("enough")))
    else ended.push(peer.write(bytesOf("0300")))
    const said = session.send(bytesOf("ff"))
    const sent: string[] = []
    for (;;) {
      const { value } = await reader.read()
      sent.push(hexOf(value ?? new Uint8Array()))
      if (sent.at(-1) === "05ff") break
    }
    await Promise.all([said, ...ended])
    expect((await refused).map(({ status }) => status)).toEqual(["rejected", "rejected"])
    expect(sent).toEqual(how === "abort" ? ["0200", "05ff"] : ["05ff"])
  },
)

test("Demand that can not be counted is refused", () => {
  const channel = new OutgoingChannel(0, new OmnistreamsOutput(() => {}), 100, () => {})
  channel.requested(2 ** 31 - 1)
  expect(() => channel.requested(1)).toThrow(expect.objectContaining({ code: "FLOW_CONTROL" }))
})

test("A byte stream is refused, and so are limits out of their range", () => {
  const [here] = duplexPair<Uint8Array>()
  expect(() => omnistreams({ ...here, isByteStream: true })).toThrow(TypeError)
  for (const options of [{ windowItems: 0 }, { windowItems: 256 }, { maxItemBytes: 0 }]) {
    expect(() => new OmnistreamsSession(options)).toThrow(RangeError)
  }
})

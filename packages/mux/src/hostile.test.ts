import { expect, test } from "vitest"
import { Session } from "./session/session.ts"
import type { SessionOptions } from "./session/session-options.ts"
import { encodeFrame } from "./wire/encode-frame.ts"
import type { Frame } from "./wire/frame.ts"
import { FrameDecoder } from "./wire/frame-decoder.ts"

const NOTHING = new Uint8Array(0)

/** A peer that does what it likes, over a transport that it may leave unread. */
class HostilePeer {
  readonly session: Session
  readonly received: Frame[] = []
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>
  readonly #decoder = new FrameDecoder()

  constructor(options: SessionOptions = {}) {
    this.session = new Session(options)
    this.#writer = this.session.writable.getWriter()
    this.#reader = this.session.readable.getReader()
    this.send({ type: "hello", payload: new TextEncoder().encode("{}") })
  }

  send(...frames: Frame[]): void {
    const chunks = frames.map(encodeFrame)
    for (const chunk of chunks) this.#writer.write(chunk).catch(() => {}) // the session may have ended
  }

  /** Sends the same frame many times, in one chunk. */
  flood(frame: Frame, times: number): void {
    const bytes = encodeFrame(frame)
    const chunk = new Uint8Array(bytes.length * times)
    for (let n = 0; n < times; n++) chunk.set(bytes, n * bytes.length)
    this.#writer.write(chunk).catch(() => {}) // as above
  }

  /** Reads all that the session has to say until it closes. */
  async readAll(): Promise<Frame[]> {
    for (;;) {
      const { done, value } = await this.#reader.read()
      if (done) return this.received
      this.#decoder.push(value, (frame) => this.received.push(frame))
    }
  }

  async turn(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 0))
  }
}

function open(id: number, credit = 1000): Frame {
  return { type: "open", id, fin: false, more: false, credit, head: NOTHING }
}

test("Opening and resetting quickly never has more handlers at work than there are places", async () => {
  const peer = new HostilePeer({ maxChannels: 20 })
  let alive = 0
  let most = 0
  peer.session.serve(async (channel) => {
    most = Math.max(most, ++alive)
    await new Promise((resolve) => channel.signal.addEventListener("abort", resolve))
    await peer.turn()
    alive--
  })
  for (let id = 1; id <= 20; id++) {
    peer.send(
      open(id),
      { type: "abort", id, fin: false, code: 3, text: "" },
      { type: "cancel", id, code: 3, text: "" },
    )
  }
  await peer.turn()
  expect(most).toBe(20)
  peer.send(...Array.from({ length: 1000 }, (_, n) => open(21 + n)))
  const frames = await peer.readAll()
  expect(frames.at(-1)).toMatchObject({ type: "goaway" })
  expect(most).toBe(20)
})

test("Places that come free in time let 1,000 quick resets through, never more than 20 at work", async () => {
  const peer = new HostilePeer({ maxChannels: 20 })
  let alive = 0
  let most = 0
  let served = 0
  peer.session.serve(async (channel) => {
    most = Math.max(most, ++alive)
    served++
    await channel.readable.pipeTo(new WritableStream()).catch(() => {})
    alive--
  })
  const reading = peer.readAll()
  for (let id = 1; id <= 1000; id++) {
    peer.send(
      open(id),
      { type: "abort", id, fin: false, code: 3, text: "" },
      { type: "cancel", id, code: 3, text: "" },
    )
    if (id % 20 === 0) while (alive > 0) await peer.turn()
    if (id % 20 === 0) await peer.turn()
  }
  expect(served).toBe(1000)
  expect(most).toBeLessThanOrEqual(20)
  await peer.session.abort()
  await reading
})

test.each<[string, Frame]>([
  ["pings", { type: "ping", ack: false, payload: new Uint8Array(64) }],
  ["replies to no ping", { type: "ping", ack: true, payload: NOTHING }],
  ["acks", { type: "ack", count: 1 }],
  ["reserved types", { type: "unknown", number: 15, id: 9, payload: NOTHING }],
])("A flood of %s is answered by GOAWAY, in little memory", async (_name, frame) => {
  const peer = new HostilePeer()
  for (let n = 0; n < 30; n++) peer.flood(frame, 1000)
  const frames = await peer.readAll()
  expect(frames.at(-1)).toMatchObject({ type: "goaway", code: 1 })
  expect(frames.length).toBeLessThan(50)
  await expect(peer.session.closed).rejects.toMatchObject({ code: "PROTOCOL" })
})

test("A flood of pieces without bytes, of an item that somebody awaits, is answered by GOAWAY", async () => {
  const peer = new HostilePeer()
  peer.session.serve(async (channel) => {
    await channel.readable.getReader().read()
  })
  const head = { fin: false, more: false, credit: 0, head: NOTHING }
  peer.send({ type: "open", id: 1, ...head })
  const piece: Frame = { type: "data", id: 1, fin: false, more: true, payload: NOTHING }
  // Fewer than the window has room for: what ends it is that they carry nothing.
  for (let n = 0; n < 20; n++) peer.flood(piece, 1000)
  const frames = await peer.readAll()
  expect(frames.at(-1)).toMatchObject({ type: "goaway", code: 1 })
  await expect(peer.session.closed).rejects.toMatchObject({ code: "PROTOCOL" })
})

test("A peer that asks and does not read is answered no more than its places allow", async () => {
  const peer = new HostilePeer({ maxChannels: 50 })
  let handled = 0
  peer.session.handle((body) => {
    handled++
    return body
  })
  const request = (id: number): Frame =>
    ({ ...open(id), fin: true, head: new Uint8Array(10) }) as Frame
  for (let id = 1; id <= 200; id++) peer.send(request(id))
  await peer.turn()
  // Places come free when replies are handed to the transport, which nobody reads.
  expect(handled).toBe(50)
  const frames = await peer.readAll()
  expect(frames.at(-1)).toMatchObject({ type: "goaway", code: 1 })
})

test("Credit without end fills no more memory than a channel may queue", async () => {
  const peer = new HostilePeer({ maxQueuedBytes: 10_000 })
  peer.send(open(1, 2 ** 31 - 1))
  const { value: channel } = await peer.session.channels.getReader().read()
  const writer = channel?.writable.getWriter()
  let written = 0
  const writing = (async () => {
    for (;;) {
      await writer?.write(new Uint8Array(992))
      written++
    }
  })()
  await peer.turn()
  await peer.turn()
  expect(written).toBeGreaterThan(5)
  expect(written).toBeLessThan(12)
  const failed = writing.catch((error: unknown) => error)
  const aborted = peer.session.abort()
  await peer.readAll()
  await aborted
  expect(await failed).toMatchObject({ code: "CONNECTION_LOST" })
})

test("A peer that is silent is given up", async () => {
  const session = new Session({ helloTimeoutMs: 5 })
  const reader = session.readable.getReader()
  let last: Frame | undefined
  const decoder = new FrameDecoder()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    decoder.push(value, (frame) => {
      last = frame
    })
  }
  expect(last).toMatchObject({ type: "goaway", code: 6 })
  await expect(session.closed).rejects.toMatchObject({ code: "TIMEOUT" })
  await expect(session.ready).rejects.toMatchObject({ code: "TIMEOUT" })
})

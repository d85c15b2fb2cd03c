import type { MuxErrorCode, SessionOptions } from "@bellmouth/mux"
import { abort, cancel, credit, data, goaway, open, ping, raw, request, u32 } from "../frames.ts"
import type { Limit } from "../lifted-limits.ts"
import type { Script } from "../script.ts"

const MOST = 0x7fff_ffff
const TEXT = new Uint8Array(1025).fill(97)

interface Row {
  readonly name: string
  readonly limit: Limit
  /** Frames that are allowed: the session has to answer a ping behind them. */
  readonly legal?: readonly Uint8Array[]
  /** Bytes that are not. */
  readonly illegal: Uint8Array
  readonly ends?: MuxErrorCode
  readonly options?: SessionOptions
}

const hello = raw(0, 0, new TextEncoder().encode("{}"))
const opened = raw(1, 1, u32(1000))
const asBytes = (type: number, id: number, ...numbers: number[]) => raw(type, id, u32(...numbers))

/** Every integer field at, and past, its bounds; every rule of a frame, broken once. */
const ROWS: readonly Row[] = [
  {
    name: "credit of 0",
    limit: "form of a frame",
    legal: [opened, asBytes(3, 1, 1)],
    illegal: asBytes(3, 1, 0),
  },
  {
    name: "credit up to 2^31-1, and one more",
    limit: "credit sum",
    legal: [opened, asBytes(3, 1, MOST - 1000)],
    illegal: asBytes(3, 1, 1),
    ends: "FLOW_CONTROL",
  },
  {
    name: "credit of 2^32-1",
    limit: "credit sum",
    legal: [opened],
    illegal: asBytes(3, 1, 0xffff_ffff),
    ends: "FLOW_CONTROL",
  },
  {
    name: "credit for messages past the sum",
    limit: "credit sum",
    illegal: asBytes(3, 0, MOST),
    ends: "FLOW_CONTROL",
  },
  {
    name: "a channel with a credit of 0, of 2^31-1, and of 2^31",
    limit: "credit of a channel",
    legal: [asBytes(1, 1, 0), asBytes(1, 2, MOST)],
    illegal: asBytes(1, 3, MOST + 1),
    ends: "FLOW_CONTROL",
  },
  {
    name: "a channel with a credit of 2^32-1",
    limit: "credit of a channel",
    illegal: asBytes(1, 1, 0xffff_ffff),
    ends: "FLOW_CONTROL",
  },
  {
    name: "the number 0 for a channel",
    limit: "form and number",
    illegal: asBytes(1, 0, 1),
  },
  { name: "a channel of the wrong sign", limit: "form and number", illegal: asBytes(1, -1, 1) },
  {
    name: "a number that is used twice",
    limit: "number of a channel",
    legal: [opened],
    illegal: opened,
  },
  {
    name: "a number that goes backwards",
    limit: "number of a channel",
    legal: [opened, asBytes(1, 2, 1)],
    illegal: asBytes(1, 1, 1),
  },
  { name: "a number left out", limit: "number of a channel", illegal: asBytes(1, 2, 1) },
  { name: "the number 2^31-1", limit: "number of a channel", illegal: asBytes(1, MOST, 1) },
  { name: "the number -2^31", limit: "form and open", illegal: raw(2, -0x8000_0000, 1) },
  { name: "data on a channel that was never there", limit: "open channels", illegal: raw(2, 7, 1) },
  {
    name: "data on a channel that we never opened",
    limit: "open channels",
    illegal: raw(2, -1, 1),
  },
  {
    name: "data behind its end",
    limit: "open channels",
    legal: [opened, raw(2, 1, 0, { flags: 1 })],
    illegal: raw(2, 1, 1),
  },
  { name: "credit to a channel of nobody", limit: "known channels", illegal: asBytes(3, 9, 1) },
  { name: "a cancel of nobody's channel", limit: "known channels", illegal: asBytes(5, -4, 3) },
  { name: "an abort of nobody's channel", limit: "known channels", illegal: asBytes(4, 4, 3) },
  {
    name: "an abort behind an abort",
    limit: "known channels",
    legal: [opened, asBytes(4, 1, 3)],
    illegal: asBytes(4, 1, 3),
  },
  {
    name: "an abort of the session",
    limit: "form and known",
    illegal: asBytes(4, 0, 3),
  },
  {
    name: "a message that ends",
    limit: "form of a frame",
    legal: [raw(2, 0, 1)],
    illegal: raw(2, 0, 1, { flags: 1 }),
  },
  {
    name: "a request that ends and goes on",
    limit: "form of a frame",
    illegal: raw(1, 1, u32(1), { flags: 3 }),
  },
  { name: "a channel without its credit", limit: "form of a frame", illegal: raw(1, 1, 3) },
  {
    name: "credit of 5 bytes",
    limit: "form of a frame",
    legal: [opened],
    illegal: raw(3, 1, new Uint8Array([0, 0, 0, 1, 0])),
  },
  {
    name: "a ping of 64 bytes, and of 65",
    limit: "form of a frame",
    legal: [raw(6, 0, 64)],
    illegal: raw(6, 0, 65),
  },
  { name: "a ping of a channel", limit: "form of a frame", illegal: raw(6, 1, 4) },
  { name: "an ack of 3 bytes", limit: "form of a frame", illegal: raw(8, 0, 3) },
  { name: "a goaway of a channel", limit: "form of a frame", illegal: asBytes(7, 1, 0, 0) },
  {
    name: "a frame of 65,536 bytes, and of one more",
    limit: "frame length",
    legal: [opened, raw(2, 1, 65_536)],
    illegal: raw(2, 1, 65_537),
    ends: "TOO_LARGE",
  },
  {
    name: "a frame that says 2^24-1 bytes and sends none",
    limit: "frame length",
    legal: [opened],
    illegal: raw(2, 1, 0, { length: 2 ** 24 - 1 }),
    ends: "TOO_LARGE",
  },
  {
    name: "an item of the limit, and of one more",
    limit: "item in one frame",
    options: { maxItemBytes: 5000 },
    legal: [opened, raw(2, 1, 5000)],
    illegal: raw(2, 1, 5001),
    ends: "TOO_LARGE",
  },
  {
    name: "an item in pieces, of one byte over the limit",
    limit: "item in pieces",
    options: { maxItemBytes: 5000 },
    legal: [opened, raw(2, 1, 3000, { flags: 2 }), raw(2, 1, 2000), raw(2, 1, 5000, { flags: 2 })],
    illegal: raw(2, 1, 1, { flags: 2 }),
    ends: "TOO_LARGE",
  },
  {
    name: "data past the window",
    limit: "window",
    options: { windowBytes: 1000 },
    legal: [opened, raw(2, 1, 991), raw(2, 1, 60_000)],
    illegal: raw(2, 1, 0),
    ends: "FLOW_CONTROL",
  },
  {
    name: "messages past the window",
    limit: "window",
    options: { windowBytes: 1000 },
    legal: [raw(2, 0, 60_000)],
    illegal: raw(2, 0, 1),
    ends: "FLOW_CONTROL",
  },
  {
    name: "an end within an item",
    limit: "end of an item",
    legal: [opened, raw(2, 1, 9, { flags: 2 })],
    illegal: raw(2, 1, 0, { flags: 1 }),
  },
  {
    name: "a late failure within an item",
    limit: "failure within an item",
    legal: [opened, raw(2, 1, 9, { flags: 2 })],
    illegal: raw(4, 1, u32(3), { flags: 1 }),
  },
  {
    name: "a text of 1,024 bytes, and of one more",
    limit: "length of a text",
    legal: [opened, raw(5, 1, Uint8Array.of(0, 0, 0, 3, ...TEXT.subarray(1)))],
    illegal: raw(4, 1, Uint8Array.of(0, 0, 0, 3, ...TEXT)),
  },
  {
    name: "a text that is not UTF-8",
    limit: "utf8",
    legal: [opened],
    illegal: raw(4, 1, Uint8Array.of(0, 0, 0, 3, 0xc3, 0x28)),
  },
  {
    name: "a text with a surrogate in it",
    limit: "utf8",
    legal: [opened],
    illegal: raw(5, 1, Uint8Array.of(0, 0, 0, 3, 0xed, 0xa0, 0x80)),
  },
  { name: "a second hello", limit: "hello once", illegal: hello },
]

const RULES: readonly Script[] = ROWS.map(({ name, limit, legal, illegal, ends, options }) => ({
  name,
  limit,
  ...(options === undefined ? {} : { options }),
  ...(ends === undefined ? {} : { ends }),
  floor: { frames: 1, bytes: 8 },
  async play({ peer, claim }) {
    await peer.greet()
    for (const bytes of legal ?? []) await peer.sendBytes(bytes)
    const pong = peer.next("ping")
    await peer.send(ping(8))
    await Promise.race([pong, peer.session.closed.catch(() => {})])
    claim(!peer.isOver && peer.count("ping") > 0, "what is allowed ended the session")
    await peer.sendBytes(illegal)
  },
}))

/** More places than there are, a request with two bodies, and the session's own end. */
const CONVERSATIONS: readonly Script[] = [
  {
    name: "one channel more than there are places",
    limit: "places",
    floor: { frames: 101 },
    async play({ peer }) {
      await peer.greet()
      await peer.floodEach(101, (n) => [open(n + 1)])
    },
  },
  {
    name: "a request with two bodies",
    limit: "one item in a request",
    async play({ peer }) {
      await peer.greet()
      await peer.send(open(1, { more: true }), data(1, 5), data(1, 5))
    },
  },
  {
    name: "a channel behind our goaway, which is ignored, and then 20,000 of them",
    limit: "ignored opens",
    floor: { frames: 10_000 },
    async play({ peer, session, claim }) {
      session.serve(() => new Promise(() => {}))
      await peer.greet()
      await peer.send(open(1))
      const leaving = peer.next("goaway")
      session.close().catch(() => {})
      await leaving
      await peer.send(open(2), data(2, 10), abort(2))
      claim(!peer.isOver, "what has crossed our goaway is no error")
      await peer.floodEach(20_000, (n) => [open(n + 3)])
    },
  },
  {
    name: "data without end behind our goaway",
    limit: "ignored data",
    ends: "FLOW_CONTROL",
    options: { maxChannels: 2 },
    floor: { bytes: 600_000 },
    async play({ peer, session }) {
      session.serve(() => new Promise(() => {}))
      await peer.greet()
      await peer.send(open(1))
      const leaving = peer.next("goaway")
      session.close().catch(() => {})
      await leaving
      await peer.send(open(2))
      await peer.flood(data(2, 60_000), 200)
    },
  },
  {
    name: "all frames that say goodbye, and then a channel",
    limit: "number of a channel",
    async play({ peer, session }) {
      session.serve(() => new Promise(() => {}))
      await peer.greet()
      await peer.send(open(1), goaway(0))
      await peer.send(credit(1), cancel(1), request(3))
    },
  },
]

export const ruleScripts: readonly Script[] = [...RULES, ...CONVERSATIONS]

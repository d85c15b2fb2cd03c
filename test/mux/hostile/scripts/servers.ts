import { setImmediate as nextTurn } from "node:timers/promises"
import type { Frame, MuxErrorCode, Session, SessionOptions } from "@bellmouth/mux"
import { abort, cancel, credit, data, goaway, open, ping, raw, u32 } from "../frames.ts"
import type { HostilePeer } from "../hostile-peer.ts"
import type { Limit } from "../lifted-limits.ts"
import type { Script } from "../script.ts"

const MOST = 0x7fff_ffff
const MANY = 200_000
const NOT_UTF8 = Uint8Array.of(0, 0, 0, 3, 0xc3, 0x28)
const LONG_TEXT = new Uint8Array(1025).fill(97)

/** What a server does to a client of ours that has asked it: channel 1 is a request, 2 is none. */
interface Row {
  readonly name: string
  readonly limit: Limit
  /** What it may do: a ping behind it has to be answered. */
  readonly legal?: readonly (Frame | Uint8Array)[]
  readonly illegal: Frame | Uint8Array
  readonly ends?: MuxErrorCode
  readonly options?: SessionOptions
}

const ROWS: readonly Row[] = [
  {
    name: "data behind the end of a reply",
    limit: "open channels",
    legal: [data(-1, 5, { fin: true })],
    illegal: data(-1, 5),
  },
  {
    name: "a second end of a reply",
    limit: "open channels",
    legal: [data(-1, 0, { fin: true })],
    illegal: data(-1, 0, { fin: true }),
  },
  {
    name: "an abort behind a reply",
    limit: "known channels",
    legal: [data(-1, 5, { fin: true })],
    illegal: abort(-1),
  },
  { name: "a reply to a request of its own", limit: "open channels", illegal: data(1, 5) },
  { name: "a reply to a request yet to come", limit: "open channels", illegal: data(-3, 5) },
  { name: "credit for a channel yet to come", limit: "known channels", illegal: credit(-3) },
  {
    name: "data on a channel that it did not serve",
    limit: "open channels",
    legal: [goaway(1)],
    illegal: data(-2, 5),
  },
  {
    name: "a reply that ends within its item",
    limit: "end of an item",
    legal: [data(-1, 5, { more: true })],
    illegal: data(-1, 0, { fin: true }),
  },
  {
    name: "a reply that fails late, within its item",
    limit: "failure within an item",
    legal: [data(-1, 5, { more: true })],
    illegal: abort(-1, true),
  },
  {
    name: "a reply of one byte over the limit",
    limit: "item in one frame",
    options: { maxItemBytes: 5000 },
    legal: [data(-2, 5000)],
    illegal: data(-1, 5001, { fin: true }),
    ends: "TOO_LARGE",
  },
  {
    name: "a reply in pieces, of one byte over the limit",
    limit: "item in pieces",
    options: { maxItemBytes: 5000 },
    legal: [data(-1, 5000, { more: true })],
    illegal: data(-1, 1, { fin: true }),
    ends: "TOO_LARGE",
  },
  {
    name: "a frame of a reply over the limit",
    limit: "frame length",
    options: { maxFrameBytes: 4096 },
    legal: [data(-1, 4096, { more: true })],
    illegal: data(-1, 4097, { fin: true }),
    ends: "TOO_LARGE",
  },
  {
    name: "data past the window of a channel that we opened",
    limit: "window",
    options: { windowBytes: 1000 },
    legal: [data(-2, 991), data(-2, 60_000)],
    illegal: data(-2, 1),
    ends: "FLOW_CONTROL",
  },
  {
    name: "credit past the sum, for a channel that we opened",
    limit: "credit sum",
    legal: [credit(-2, MOST - 262_144)],
    illegal: credit(-2),
    ends: "FLOW_CONTROL",
  },
  {
    name: "a reply that fails in a text that is not UTF-8",
    limit: "utf8",
    illegal: raw(4, -1, NOT_UTF8),
  },
  {
    name: "a goodbye in a text that is not UTF-8",
    limit: "utf8",
    illegal: raw(7, 0, Uint8Array.of(...u32(2), ...NOT_UTF8)),
  },
  {
    name: "a goodbye in a text of 1,024 bytes, and of one more",
    limit: "length of a text",
    legal: [raw(7, 0, Uint8Array.of(...u32(2, 0), ...LONG_TEXT.subarray(1)))],
    illegal: raw(7, 0, Uint8Array.of(...u32(2, 0), ...LONG_TEXT)),
  },
]

/** A client of ours asks, so that there is something to answer; what becomes of it is looked at elsewhere. */
async function asked(peer: HostilePeer, session: Session, hello: object = {}): Promise<void> {
  await peer.greet(hello)
  await session.ready
  session.request(new Uint8Array(1)).catch(() => {})
  session.open()
  while (peer.count("open") < 2) await nextTurn()
}

const rules: readonly Script[] = ROWS.map(({ name, limit, legal = [], illegal, ...rest }) => ({
  name: `a server that sends ${name}`,
  limit,
  ...rest,
  floor: { frames: 1 },
  async play({ peer, session, claim }) {
    const send = (what: Frame | Uint8Array): Promise<void> =>
      what instanceof Uint8Array ? peer.sendBytes(what) : peer.send(what)
    await asked(peer, session)
    for (const what of legal) await send(what)
    const pong = peer.next("ping")
    await peer.send(ping(8))
    await Promise.race([pong, session.closed.catch(() => {})])
    claim(!peer.isOver, "what is allowed ended the session")
    await send(illegal)
  },
}))

interface Flood {
  readonly name: string
  readonly limit: Limit
  readonly frame: Frame
  readonly ends?: MuxErrorCode
  readonly options?: SessionOptions
}

const FLOODS: readonly Flood[] = [
  { name: "credit for a request, which needs none", limit: "bucket", frame: credit(-1) },
  { name: "cancels of a request", limit: "bucket", frame: cancel(-1) },
  { name: "credit that answers nothing", limit: "answered credit", frame: credit(-2) },
  { name: "pieces of a reply, without bytes", limit: "bucket", frame: data(-1, 0, { more: true }) },
  {
    name: "pieces of a reply, of one byte",
    limit: "item in pieces",
    options: { maxItemBytes: 20_000 },
    ends: "TOO_LARGE",
    frame: data(-1, 1, { more: true }),
  },
  {
    name: "empty items on a channel that nobody reads",
    limit: "window",
    ends: "FLOW_CONTROL",
    frame: data(-2),
  },
]

const floods: readonly Script[] = FLOODS.map(({ name, limit, frame, ...rest }) => ({
  name: `a server that floods us with ${name}`,
  limit,
  over: "tcp",
  ...rest,
  floor: { frames: 10_000 },
  async play({ peer, session }) {
    await asked(peer, session)
    await peer.flood(frame, MANY)
  },
}))

/** These servers break no rule; it is the client that has to look after itself, until they leave. */
const LEAVES = { ends: "CONNECTION_LOST", isTold: false } as const

const patient: readonly Script[] = [
  {
    name: "a server that opens channels to a client that serves none",
    limit: "places",
    over: "tcp",
    floor: { frames: 101 },
    async play({ peer, session }) {
      await asked(peer, session)
      await peer.floodEach(100_000, (n) => [open(n + 1)])
    },
  },
  {
    name: "a server that replies by two items",
    limit: "one item in a reply",
    ...LEAVES,
    async play({ peer, session, neighbour, claim }) {
      await peer.greet()
      await session.ready
      const opened = peer.next("open")
      let code: unknown
      session.request(new Uint8Array(1)).then(
        () => {
          code = "answered"
        },
        (error: { code: string }) => {
          code = error.code
        },
      )
      await opened
      await peer.send(data(-1, 5), data(-1, 5, { fin: true }))
      await neighbour.answers(2)
      claim(code === "PROTOCOL", `the request ended in ${code}`)
      claim(!peer.isOver, "the session ended with the request")
      peer.end()
    },
  },
  {
    name: "a server that never replies to 100 requests, which have a time",
    limit: "time of a request",
    ...LEAVES,
    async play({ peer, session, clock, neighbour, claim }) {
      await peer.greet()
      await session.ready
      let late = 0
      for (let n = 0; n < 100; n++) {
        session
          .request(new Uint8Array(10), { timeoutMs: 3000 })
          .catch((error: { code: string }) => {
            if (error.code === "TIMEOUT") late++
          })
      }
      await neighbour.answers(2)
      await clock.advance(3000)
      await neighbour.answers(2)
      claim(late === 100, `${late} of 100 requests were given up`)
      claim(peer.count("cancel") === 100, `${peer.count("cancel")} of 100 were cancelled`)
      peer.end()
    },
  },
  {
    name: "a server that sends a byte of a reply each 100 ms, without end",
    limit: "time of a request",
    ...LEAVES,
    async play({ peer, session, clock, neighbour, claim }) {
      await peer.greet()
      await session.ready
      const opened = peer.next("open")
      let code: unknown
      session.request(new Uint8Array(1), { timeoutMs: 3000 }).catch((error: { code: string }) => {
        code = error.code
      })
      await opened
      for (let n = 0; n < 40; n++) {
        await peer.send(data(-1, 1, { more: true }))
        await clock.advance(100, 8)
      }
      await neighbour.answers(2)
      claim(code === "TIMEOUT", `the request ended in ${code}`)
      peer.end()
    },
  },
  {
    name: "a server that takes no bytes",
    limit: "items of the peer",
    ...LEAVES,
    async play({ peer, session, neighbour, claim }) {
      await peer.greet({ item: 0 })
      await session.ready
      const work = [
        session.request(new Uint8Array(1)),
        session.send(new Uint8Array(1)),
        session.open().writable.getWriter().write(new Uint8Array(1)),
      ]
      let refused = 0
      for (const one of work) {
        one.catch((error: { code: string }) => {
          if (error.code === "TOO_LARGE") refused++
        })
      }
      await neighbour.answers(2)
      claim(refused === 3, `${refused} of 3 were refused here`)
      claim(peer.count("data") === 0, "an item was sent that the peer does not take")
      peer.end()
    },
  },
]

export const serverScripts: readonly Script[] = [...rules, ...floods, ...patient]

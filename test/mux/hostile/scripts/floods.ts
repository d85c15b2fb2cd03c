import { setImmediate as nextTurn } from "node:timers/promises"
import type { Frame } from "@bellmouth/mux"
import { abort, cancel, credit, data, goaway, open, ping, request } from "../frames.ts"
import type { Limit } from "../lifted-limits.ts"
import { holding, type Scene, type Script } from "../script.ts"

const MANY = 200_000

interface Flood {
  readonly name: string
  readonly limit: Limit
  readonly frame: Frame
  /** What comes before it, with a handler that holds its channel. */
  readonly first?: readonly Frame[]
  /** What the session's user does before it. */
  readonly prepare?: (scene: Scene) => Promise<void> | void
}

const unknown = (number: number): Frame => ({
  type: "unknown",
  number,
  id: 9,
  payload: new Uint8Array(4),
})

/** One frame, 200,000 times, over TCP. */
const FLOODS: readonly Flood[] = [
  { name: "pings", limit: "bucket", frame: ping() },
  { name: "pings of nothing", limit: "bucket", frame: ping(0) },
  { name: "replies to no ping", limit: "bucket", frame: ping(4, true) },
  { name: "acks", limit: "bucket", frame: { type: "ack", count: 1 } },
  { name: "frames of type 9", limit: "bucket", frame: unknown(9) },
  { name: "frames of type 15", limit: "bucket", frame: unknown(15) },
  {
    name: "credit to what is over",
    limit: "bucket",
    first: [request(1)],
    prepare: replied,
    frame: credit(1),
  },
  {
    name: "cancels of what is over",
    limit: "bucket",
    first: [request(1)],
    prepare: replied,
    frame: cancel(1),
  },
  {
    name: "credit to a direction that has ended",
    limit: "bucket",
    first: [open(1)],
    prepare: ({ session }) => session.serve((channel) => channel.writable.close()),
    frame: credit(1),
  },
  {
    name: "credit that answers nothing",
    limit: "answered credit",
    first: [open(1, { credit: 0 })],
    frame: credit(1),
  },
  { name: "credit for messages", limit: "answered credit", frame: credit(0) },
  {
    name: "cancels of a channel at work",
    limit: "cancel counted",
    first: [open(1)],
    frame: cancel(1),
  },
  { name: "goodbyes", limit: "goaway counted", first: [open(1)], frame: goaway(5) },
]

async function replied({ peer, session }: Scene): Promise<void> {
  session.handle(() => new Uint8Array(1))
  const reply = peer.next("data")
  await peer.send(request(1))
  await reply
}

const floods: readonly Script[] = FLOODS.map(({ name, limit, frame, first = [], prepare }) => ({
  name: `a flood of ${name}`,
  limit,
  over: "tcp",
  floor: { frames: 10_000 },
  async play(scene) {
    const { peer, session } = scene
    holding(session)
    await peer.greet()
    await prepare?.(scene)
    if (prepare !== replied) await peer.send(...first)
    await peer.flood(frame, MANY)
  },
}))

/** How often a channel is opened and given up at once. */
const RESETS = 100_000
const PACED = 20_000

export const floodScripts: readonly Script[] = [
  ...floods,
  {
    name: "100,000 channels opened and reset as fast as can be",
    limit: "places",
    over: "tcp",
    floor: { frames: 300 },
    async play({ peer, session, claim }) {
      const held = holding(session)
      await peer.greet()
      await peer.floodEach(RESETS, (n) => [open(n + 1), abort(n + 1), cancel(n + 1)])
      claim(held.alive() <= 100, `${held.alive()} handlers were at work`)
    },
  },
  {
    name: "20,000 channels opened and reset, never more at a time than there are places",
    limit: "place held by work",
    over: "tcp",
    ends: "CONNECTION_LOST",
    isTold: false,
    floor: { frames: 60_000 },
    async play({ peer, session, claim }) {
      let alive = 0
      let most = 0
      session.serve(async () => {
        most = Math.max(most, ++alive)
        for (let turn = 0; turn < 10; turn++) await nextTurn()
        alive--
      })
      await peer.greet()
      let over = 0
      const turns: (() => void)[] = []
      peer.on((frame) => {
        if (frame.type !== "abort" && !(frame.type === "data" && frame.fin)) return
        over++
        for (const turn of turns.splice(0)) turn()
      })
      for (let id = 1; id <= PACED && !peer.isOver; id += 50) {
        await peer.floodEach(50, (n) => [open(id + n), abort(id + n), cancel(id + n)])
        while (over < id + 49 - 50 && !peer.isOver) {
          await Promise.race([new Promise<void>((turn) => turns.push(turn)), session.closed])
        }
      }
      claim(most > 10, `never more than ${most} handlers were at work`)
      claim(most <= 100, `${most} handlers were at work`)
      peer.reset()
    },
  },
  {
    name: "100,000 requests that are answered by errors",
    limit: "places",
    over: "tcp",
    floor: { frames: 101 },
    async play({ peer, session }) {
      session.handle(() => new Promise((_, reject) => setTimeout(() => reject(new Error()), 50)))
      await peer.greet()
      await peer.floodEach(RESETS, (n) => [request(n + 1)])
    },
  },
  {
    name: "100,000 requests by a peer that reads no reply",
    limit: "places",
    over: "tcp",
    isTold: false,
    floor: { frames: 101 },
    async play({ peer, session }) {
      session.handle(async () => new Uint8Array(100_000))
      await peer.send({ type: "hello", payload: new TextEncoder().encode("{}") })
      await peer.floodEach(RESETS, (n) => [request(n + 1)])
    },
  },
  {
    name: "heads of 65,532 bytes for channels that nobody takes",
    limit: "places",
    over: "tcp",
    floor: { bytes: 6_500_000 },
    maxHeldBytes: 9_000_000,
    async play({ peer, measure }) {
      await peer.greet()
      const head = new Uint8Array(65_532)
      await peer.floodEach(100, (n) => [open(n + 1, { head })])
      measure()
      await peer.floodEach(1000, (n) => [open(n + 101, { head })])
    },
  },
  {
    name: "empty items to a reader that does not read",
    limit: "window",
    over: "tcp",
    ends: "FLOW_CONTROL",
    floor: { frames: 32_768 },
    async play({ peer, session }) {
      holding(session)
      await peer.greet()
      await peer.send(open(1))
      await peer.flood(data(1), MANY)
    },
  },
  {
    name: "an item in pieces of one byte",
    limit: "item in pieces",
    over: "tcp",
    ends: "TOO_LARGE",
    options: { maxItemBytes: 20_000 },
    floor: { frames: 20_000 },
    async play({ peer, session }) {
      session.serve((channel) => channel.readable.pipeTo(new WritableStream()))
      await peer.greet()
      await peer.send(open(1))
      await peer.flood(data(1, 1, { more: true }), 25_000)
    },
  },
  {
    name: "100 MB without credit",
    limit: "window",
    over: "tcp",
    ends: "FLOW_CONTROL",
    floor: { bytes: 262_144 },
    async play({ peer, session }) {
      holding(session)
      await peer.greet()
      await peer.send(open(1))
      await peer.flood(data(1, 60_000), 1700)
    },
  },
]

import type { Channel, Session } from "@bellmouth/mux"
import { goaway, open, ping } from "../frames.ts"
import type { HostilePeer } from "../hostile-peer.ts"
import type { Script } from "../script.ts"

const MOST = 0x7fff_ffff
const ITEM_BYTES = 1000

/** Serves every channel by writing so many items; tells how many handlers were stopped by a failure. */
function writing(session: Session, items: number): { readonly failed: () => number } {
  let failed = 0
  session.serve(async (channel: Channel) => {
    const writer = channel.writable.getWriter()
    try {
      for (let n = 0; n < items; n++) await writer.write(new Uint8Array(ITEM_BYTES))
    } catch {
      failed++
    }
  })
  return { failed: () => failed }
}

/** Greets, and reads nothing. */
function greetUnread(peer: HostilePeer, hello: object = {}): Promise<void> {
  return peer.send({ type: "hello", payload: new TextEncoder().encode(JSON.stringify(hello)) })
}

/** These peers break no rule: what they keep waiting has to stay small until they leave. */
const LEAVES = { ends: "CONNECTION_LOST", isTold: false } as const

const withoutCredit: readonly Script[] = [
  {
    name: "a channel with a credit of 0, to which 1 MB is written",
    limit: "balance of a sender",
    ...LEAVES,
    async play({ peer, session, neighbour, claim }) {
      const { failed } = writing(session, 1000)
      await peer.greet()
      await peer.send(open(1, { credit: 0 }))
      await neighbour.answers(5)
      claim(peer.count("data") === 0, "data was sent without credit")
      peer.end()
      await neighbour.answers(5)
      claim(failed() === 1, "the handler was not told")
    },
  },
  {
    name: "1,000 channels with a credit of 1, which is never raised",
    limit: "balance of a sender",
    options: { maxChannels: 1000 },
    ...LEAVES,
    floor: { frames: 1000 },
    maxHeldBytes: 16_000_000,
    async play({ peer, session, neighbour, claim, measure }) {
      const { failed } = writing(session, 30)
      await peer.greet()
      await peer.floodEach(1000, (n) => [open(n + 1, { credit: 1 })])
      await neighbour.answers(5)
      claim(peer.count("data") === 1000, `${peer.count("data")} items were sent, want 1,000`)
      measure()
      peer.end()
      await neighbour.answers(5)
      claim(failed() === 1000, `${failed()} of 1,000 handlers were told`)
    },
  },
  {
    name: "a greeting with a credit of 1, which is never raised",
    limit: "balance of a sender",
    ...LEAVES,
    async play({ peer, session, neighbour, claim }) {
      await peer.greet({ credit: 1 })
      const writer = session.open().writable.getWriter()
      const waiting = Array.from({ length: 10 }, () => [
        writer.write(new Uint8Array(ITEM_BYTES)),
        session.send(new Uint8Array(ITEM_BYTES)),
      ]).flat()
      const ended = Promise.allSettled(waiting)
      await neighbour.answers(5)
      claim(peer.count("data") === 2, `${peer.count("data")} items were sent, want 2`)
      peer.end()
      const states = (await ended).map(({ status }) => status)
      claim(states.includes("rejected"), "what waited for credit was not told")
    },
  },
]

const withoutRoom: readonly Script[] = [
  {
    name: "a greeting that has no room for any channel",
    limit: "pending opens",
    ...LEAVES,
    async play({ peer, session, neighbour, claim }) {
      await peer.greet({ streams: 0 })
      await session.ready
      const requests = Array.from({ length: 512 }, () => session.request(new Uint8Array(10)))
      const ended = Promise.allSettled(requests)
      for (let n = 0; n < 512; n++) session.open()
      claim(codeOf(() => session.open()) === "REFUSED", "more than 1,024 may wait")
      await neighbour.answers(2)
      claim(peer.count("open") === 0, "a channel was opened where there is no room")
      peer.end()
      const states = await ended
      claim(
        states.every(({ status }) => status === "rejected"),
        "a request that waited was not told",
      )
    },
  },
  {
    name: "a peer that never ends what was given up",
    limit: "pending opens",
    options: { maxPendingOpens: 50 },
    ...LEAVES,
    async play({ peer, session, neighbour, claim }) {
      await peer.greet({ streams: 10 })
      await session.ready
      const controller = new AbortController()
      const { signal } = controller
      const requests = Array.from({ length: 10 }, () =>
        session.request(new Uint8Array(10), { signal }),
      )
      const ended = Promise.allSettled(requests)
      await neighbour.answers(2)
      controller.abort()
      await ended
      for (let n = 0; n < 50; n++) session.open()
      claim(codeOf(() => session.open()) === "REFUSED", "more than 50 may wait")
      await neighbour.answers(2)
      claim(peer.count("open") === 10, `${peer.count("open")} were opened in 10 places`)
      claim(peer.count("cancel") === 10, "what was given up was not cancelled")
      peer.end()
    },
  },
]

const unread: readonly Script[] = [
  {
    name: "9,000 pings by a peer that reads nothing",
    limit: "one reply to pings waits",
    ...LEAVES,
    floor: { frames: 9000 },
    async play({ peer, neighbour, claim }) {
      await greetUnread(peer)
      await peer.flood(ping(), 9000)
      peer.read()
      await neighbour.answers(5)
      claim(peer.count("ping") <= 3, `${peer.count("ping")} pings were waiting`)
      peer.end()
    },
  },
  ...(["memory", "tcp"] as const).map(
    (over): Script => ({
      name: `100 channels that are written to, by a peer that reads nothing, in ${over}`,
      limit: "queue of a channel",
      over,
      options: { maxQueuedBytes: 10_000, closeTimeoutMs: 200 },
      ...LEAVES,
      floor: { frames: 100 },
      maxHeldBytes: 4_000_000,
      async play({ peer, session, neighbour, claim, measure }) {
        const { failed } = writing(session, over === "tcp" ? 3000 : 500)
        await greetUnread(peer)
        await peer.floodEach(100, (n) => [open(n + 1, { credit: MOST })])
        await neighbour.answers(100)
        measure()
        peer.reset()
        while (failed() < 100 && neighbour.faults.length === 0) await neighbour.answers(1)
        claim(failed() === 100, `${failed()} of 100 handlers were told`)
      },
    }),
  ),
  {
    name: "a session that is aborted over a transport that takes nothing",
    limit: "time of the end",
    ends: "CANCELLED",
    isTold: false,
    async play({ peer, session }) {
      await greetUnread(peer)
      session.abort().catch(() => {}) // `closed` is looked at
    },
  },
  {
    name: "a peer that says it has failed, and keeps a transport that takes nothing",
    limit: "time of the end",
    ends: "TOO_LARGE",
    isTold: false,
    async play({ peer, session }) {
      session.serve(() => new Promise(() => {}))
      await greetUnread(peer)
      await peer.send(open(1), goaway(0, 5))
    },
  },
]

const silent: readonly Script[] = [
  {
    name: "silence behind the greeting",
    limit: "idle time",
    options: { idleTimeoutMs: 3000 },
    ends: "TIMEOUT",
    async play({ peer }) {
      await peer.greet()
    },
  },
  {
    name: "silence within a frame",
    limit: "idle time",
    options: { idleTimeoutMs: 3000 },
    ends: "TIMEOUT",
    floor: { bytes: 12 },
    async play({ peer }) {
      await peer.greet()
      await peer.sendBytes(new Uint8Array([0, 1, 0]))
    },
  },
  {
    name: "a greeting that wants to hear something each ms",
    limit: "signs of life a second",
    ...LEAVES,
    async play({ peer, clock, neighbour, claim }) {
      await peer.greet({ idle: 1 })
      await neighbour.answers(2)
      await clock.advance(2000, 8)
      const pings = peer.count("ping")
      claim(pings >= 100 && pings <= 210, `${pings} pings were sent in 2 s`)
      peer.end()
    },
  },
  {
    name: "a greeting that wants to hear something, by a peer that reads nothing",
    limit: "one sign of life waits",
    ...LEAVES,
    async play({ peer, clock, neighbour, claim }) {
      await greetUnread(peer, { idle: 30 })
      await neighbour.answers(2)
      await clock.advance(4000, 8)
      peer.read()
      await neighbour.answers(2)
      claim(peer.count("ping") <= 3, `${peer.count("ping")} pings were waiting`)
      peer.end()
    },
  },
]

function codeOf(act: () => unknown): unknown {
  try {
    act()
    return undefined
  } catch (error) {
    return Reflect.get(Object(error), "code")
  }
}

export const waitingScripts: readonly Script[] = [
  ...withoutCredit,
  ...withoutRoom,
  ...unread,
  ...silent,
]

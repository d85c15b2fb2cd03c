import type { Channel } from "@bellmouth/mux"
import { abort, data, open } from "../frames.ts"
import type { Script } from "../script.ts"

const CHANNELS = 20
const PIECES = 60
const REFUSED = 4
const SINGLE = 2000

export const memoryScripts: readonly Script[] = [
  {
    name: "items that are never whole, to readers that gave them up",
    limit: "dropped pieces",
    ends: "CONNECTION_LOST",
    isTold: false,
    floor: { bytes: 3_500_000 },
    async play({ peer, session, neighbour, measure }) {
      const giveUps: (() => Promise<void>)[] = []
      // Each handler waits for an item, gives it up, and goes on with its work.
      session.serve((channel) => {
        const reader = channel.readable.getReader()
        reader.read().catch(() => {}) // it was given up
        giveUps.push(() => reader.cancel())
        return new Promise(() => {})
      })
      await peer.greet()
      for (let id = 1; id <= CHANNELS; id++) {
        await peer.send(open(id))
        for (let n = 0; n < PIECES; n++) await peer.send(data(id, 3000, { more: true }))
      }
      await Promise.all(giveUps.map((giveUp) => giveUp()))
      await neighbour.answers(2)
      measure()
      peer.end()
    },
  },
  {
    name: "single items, each between two that are joined, to a reader that waits",
    limit: "room for what stands alone",
    options: { maxChannels: 10 },
    ends: "CONNECTION_LOST",
    isTold: false,
    floor: { frames: 6000 },
    async play({ peer, session, neighbour, measure }) {
      session.serve(() => new Promise(() => {}))
      await peer.greet()
      await peer.send(open(1))
      for (let n = 0; n < SINGLE; n++) await peer.send(data(1, 1))
      for (let n = 0; n < SINGLE; n++) {
        for (const more of [false, true, false]) await peer.send(data(1, 1, { more }))
      }
      await neighbour.answers(2)
      measure()
      peer.end()
    },
  },
  {
    name: "an item before a joined one, in chunks that are for a channel that reads",
    limit: "chunks of what is joined behind",
    options: { maxChannels: 10, windowBytes: 10_000_000 },
    ends: "CONNECTION_LOST",
    isTold: false,
    floor: { bytes: 7_500_000 },
    async play({ peer, session, neighbour, claim, measure }) {
      let channels = 0
      let read = 0
      const count = (item: Uint8Array): void => void (read += item.length)
      session.serve((channel) => {
        if (channels++ === 0) return new Promise(() => {})
        return channel.readable.pipeTo(new WritableStream({ write: count }))
      })
      await peer.greet()
      await peer.send(open(1), open(2))
      for (let n = 0; n < 500; n++) {
        await peer.send(data(1, 1), data(1, 1, { more: true }), data(1, 1), data(2, 16_000))
      }
      await neighbour.answers(2)
      measure()
      claim(read === 8_000_000, `only ${read} bytes were read`)
      peer.end()
    },
  },
  {
    name: "200 channels that end before anybody reads their 100,000 bytes",
    limit: "bytes of what is over",
    options: {
      maxChannels: 10,
      windowBytes: 100_000,
      maxWindowBytes: 100_000,
      maxFrameBytes: 4096,
      maxItemBytes: 4096,
    },
    ends: "CONNECTION_LOST",
    isTold: false,
    floor: { bytes: 1_000_000 },
    maxHeldBytes: 6_000_000,
    async play({ peer, session, neighbour, claim, measure }) {
      const unread: Channel[] = []
      // It writes nothing, and means to read later: nothing holds the places.
      const ends = new WritableStream<Channel>({
        write(channel) {
          unread.push(channel)
          return channel.writable.close().catch(() => {}) // it may be refused
        },
      })
      session.channels.pipeTo(ends).catch(() => {}) // `closed` is looked at
      await peer.greet()
      let refused = 0
      peer.on((frame) => {
        if (frame.type === "abort" && frame.code === REFUSED) refused++
      })
      for (let id = 1; id <= 200; id++) {
        const before = refused
        await peer.send(open(id))
        await neighbour.answers(1)
        if (refused > before) await peer.send(abort(id))
        else await peer.flood(data(id, 4088), 24)
        if (refused === before) await peer.send(data(id, 0, { fin: true }))
      }
      await neighbour.answers(2)
      measure()
      claim(refused > 100, `${refused} of 200 were refused`)
      claim(unread.length > 10, `only ${unread.length} were taken`)
      peer.end()
    },
  },
]

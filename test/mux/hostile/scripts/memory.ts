import { data, open } from "../frames.ts"
import type { Script } from "../script.ts"

const CHANNELS = 20
const PIECES = 60

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
]

import { ports } from "./carriers.ts"
import type { Subject } from "./subject.ts"

const HEADER_BYTES = 8
const WINDOW_BYTES = 524_288

/**
 * The least that keeps what a session promises for one channel over a port: whoever writes keeps the
 * chunk, a frame names its channel, and a window of 512 KiB is given back by halves as chunks are
 * taken. It has no ends, no streams, no second channel.
 */
export async function portLimit(): Promise<Subject> {
  const { here, there, close } = await ports()
  return {
    name: "a window over a port",
    backpressure: "each stream",
    keepsItems: true,
    async open(arrived) {
      let balance = WINDOW_BYTES
      let taken = 0
      let wake: (() => void) | undefined
      here.onmessage = ({ data }: MessageEvent<number>) => {
        balance += data
        if (balance > 0) wake?.()
      }
      there.onmessage = ({ data }: MessageEvent<Uint8Array>) => {
        arrived(data.subarray(HEADER_BYTES).length)
        taken += data.length
        if (2 * taken < WINDOW_BYTES) return
        there.postMessage(taken)
        taken = 0
      }
      return {
        write(chunk) {
          const frame = new Uint8Array(HEADER_BYTES + chunk.length)
          frame.set(chunk, HEADER_BYTES)
          balance -= frame.length
          here.postMessage(frame, [frame.buffer])
          if (balance > 0) return undefined
          return new Promise<void>((resolve) => {
            wake = resolve
          })
        },
      }
    },
    close,
  }
}

import { type Stage, stage } from "@bellmouth/core"
import { seededRandom } from "@bellmouth/core/testing"
import type { Transport } from "@bellmouth/mux"

const LONGEST = 3000

/** A transport whose chunks are cut at random, both ways; a seed always cuts alike. */
export function cutTransport(transport: Transport, seed: number): Transport {
  const { readable, writable } = transport
  const outgoing = cutter(seed + 1)
  outgoing.readable.pipeTo(writable).catch(() => {}) // The session sees its own end fail.
  return {
    readable: readable.pipeThrough(cutter(seed)),
    writable: outgoing.writable,
    isByteStream: true,
  }
}

/** Cuts chunks at random. */
export function cutter(seed: number): Stage<Uint8Array, Uint8Array> {
  const random = seededRandom(seed)
  return stage<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      for (let at = 0; at < chunk.byteLength; ) {
        const size = random(8) === 0 ? 1 : 1 + random(LONGEST)
        controller.enqueue(chunk.subarray(at, at + size))
        at += size
      }
    },
  })
}

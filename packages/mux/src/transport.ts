/**
 * What a session runs over: a reliable, ordered connection as two streams of bytes.
 *
 * `readable` may cut and join chunks anywhere. A chunk written to `writable` holds whole frames, so
 * it may travel as one message; it may be a view of a larger buffer, which must not be transferred.
 * Backpressure of `writable` is what lets small frames overtake large ones: its queue should hold
 * little. The session closes `writable` at its end, aborts it on failure, and cancels `readable`.
 *
 * @example A transport in memory
 * ```ts
 * import assert from "node:assert/strict"
 * import { duplexPair } from "@bellmouth/core"
 * import { connect, type Transport } from "@bellmouth/mux"
 *
 * const [here, there]: [Transport, Transport] = duplexPair<Uint8Array>()
 * const client = connect(here)
 * connect(there).handle((body) => body.toReversed())
 * assert.deepEqual(await client.request(new Uint8Array([1, 2])), new Uint8Array([2, 1]))
 * ```
 */
export interface Transport {
  /** Bytes from the peer. Its end is the end of the connection. */
  readonly readable: ReadableStream<Uint8Array>
  /** Bytes to the peer. */
  readonly writable: WritableStream<Uint8Array>
  /**
   * True when chunk boundaries mean nothing here, as on TCP, and nobody else keeps the chunks that
   * `readable` gives. Then the payload of a large frame is written as a chunk of its own, and one that
   * comes in two chunks is put together in the buffer of the first: both save a copy. Default false;
   * where a transport says `false`, no option of a session makes it true.
   */
  readonly isByteStream?: boolean
  /** The windows of a session that is not told others. */
  readonly windows?: { readonly windowBytes?: number; readonly sharedWindowBytes?: number }
  /**
   * Tells that whoever writes keeps no view of what it has written: from now on a chunk that fills its
   * buffer may be transferred. A session calls it. Not there: nothing is gained by it.
   */
  readonly allowTransfer?: () => void
}

import { type StageOptions, stage } from "../stage/stage.ts"

/** One end of a connection: what `writable` takes, the other end's `readable` gives. */
export interface Duplex<I, O> {
  readonly readable: ReadableStream<O>
  readonly writable: WritableStream<I>
}

/**
 * Makes the two ends of a connection in memory: what is written to one is read from the other.
 *
 * Nothing is held but one chunk in each direction: a write waits for the other end's read. The
 * directions are independent: each closes, errors and cancels alone, as the two halves of a socket.
 * A close arrives as close, an abort as error; a cancel fails the other end's writable; all with the
 * same reason. The options give both directions a queue.
 *
 * @example A call and its echo
 * ```ts
 * import assert from "node:assert/strict"
 * import { duplexPair, from, map, toArray } from "@bellmouth/core"
 *
 * const [client, server] = duplexPair<string>()
 * void server.readable.pipeThrough(map((s) => s + s)).pipeTo(server.writable)
 * void from(["ab"]).pipeTo(client.writable)
 * assert.deepEqual(await toArray(client.readable), ["abab"])
 * ```
 */
export function duplexPair<A, B = A>(
  options: StageOptions<A | B, A | B> = {},
): [Duplex<A, B>, Duplex<B, A>] {
  const there = stage<A, A>({}, options)
  const back = stage<B, B>({}, options)
  return [
    { readable: back.readable, writable: there.writable },
    { readable: there.readable, writable: back.writable },
  ]
}

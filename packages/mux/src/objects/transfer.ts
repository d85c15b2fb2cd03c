/**
 * A value, and what of it is handed over instead of cloned. Made by {@link transfer}.
 *
 * @example What it holds
 * ```ts
 * import assert from "node:assert/strict"
 * import { type Transferred, transfer } from "@bellmouth/mux/objects"
 *
 * const buffer = new ArrayBuffer(8)
 * const chunk: Transferred<{ buffer: ArrayBuffer }> = transfer({ buffer }, [buffer])
 * assert.equal(chunk.value.buffer, buffer)
 * ```
 */
export class Transferred<T = unknown> {
  readonly value: T
  readonly list: readonly object[]

  constructor(value: T, list: readonly object[]) {
    this.value = value
    this.list = list
  }
}

/**
 * Marks what a chunk, a request, a reply or a channel's metadata hands over: buffers, ports, streams,
 * whatever the runtime can transfer. They are of no use here once the chunk has been sent.
 *
 * @example A buffer that is not copied
 * ```ts
 * import assert from "node:assert/strict"
 * import { connectObjects, transfer } from "@bellmouth/mux/objects"
 *
 * const { port1, port2 } = new MessageChannel()
 * const [client, server] = [connectObjects(port1), connectObjects(port2)]
 * server.handle((value) => value)
 * const bytes = new Uint8Array(1000)
 * assert.deepEqual(await client.request(transfer(bytes, [bytes.buffer])), new Uint8Array(1000))
 * assert.equal(bytes.byteLength, 0)
 * await client.close()
 * ```
 */
export function transfer<T>(value: T, list: readonly object[]): Transferred<T> {
  return new Transferred(value, list)
}

import type { Readable } from "node:stream"
import { NodeReadableSource } from "./node-readable-source.ts"

/**
 * Makes a Web readable of a Node.js readable of bytes, one chunk read ahead at most.
 *
 * The Node stream is paused except while a chunk is pulled. `cancel` destroys it; an error of it,
 * or its end before its time, errors the readable, also when that was before. Chunks are Node's own buffers: the consumer owns
 * them.
 *
 * @throws {TypeError} into the readable, when the Node stream gives strings or objects.
 *
 * @example Read a Node.js stream to its end
 * ```ts
 * import assert from "node:assert/strict"
 * import { Readable } from "node:stream"
 * import { fromNodeReadable } from "@bellmouth/node"
 *
 * const readable = fromNodeReadable(Readable.from([Buffer.from("to "), Buffer.from("web")]))
 * assert.equal(await new Response(readable).text(), "to web")
 * ```
 */
export function fromNodeReadable(source: Readable): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream(new NodeReadableSource(source), { highWaterMark: 0 })
}

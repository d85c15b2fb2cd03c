import { checkBytes } from "@bellmouth/core"

/**
 * A chunk as a plain `Uint8Array`, without a copy, for what gives views of it: a Buffer has methods of
 * the same names that do something else, such as `slice` and `toString`.
 */
export function plainBytes(chunk: unknown): Uint8Array {
  checkBytes("decode", chunk)
  if (chunk.constructor === Uint8Array) return chunk
  return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length)
}

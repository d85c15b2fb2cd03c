/** Refuses a chunk that is not a `Uint8Array`; one of another realm passes. */
export function assertBytes(chunk: unknown): asserts chunk is Uint8Array {
  if (chunk instanceof Uint8Array) return
  const tag = Object.prototype.toString.call(chunk).slice(8, -1)
  if (tag !== "Uint8Array")
    throw new TypeError(`Cannot decode a chunk: it must be a Uint8Array, not ${tag}`)
}

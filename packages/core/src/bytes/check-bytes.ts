import { isBytes } from "./is-bytes.ts"

/** Refuses a chunk that is not a `Uint8Array`, or was transferred. */
export function checkBytes(action: string, chunk: unknown): asserts chunk is Uint8Array {
  if (!isBytes(chunk))
    throw new TypeError(`Cannot ${action}: want Uint8Array chunks, got ${typeof chunk}`)
  // It throws for one that was transferred, which must not pass for an empty one.
  if (chunk.length === 0) chunk.subarray()
}

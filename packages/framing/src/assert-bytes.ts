/** Refuses a chunk that is not a `Uint8Array`; one of another realm passes. */
export function assertBytes(chunk: unknown): asserts chunk is Uint8Array {
  const tag: string | undefined = Object(chunk)[Symbol.toStringTag]
  if (tag !== "Uint8Array")
    throw new TypeError(
      `Cannot decode a chunk: it must be a Uint8Array, not ${tag ?? typeof chunk}`,
    )
}

import type { IncrementalDecoder } from "./incremental-decoder.ts"

/** Decodes whole bytes by a decoder that is used for nothing else. */
export function decodeAll<T>(bytes: Uint8Array, decoder: IncrementalDecoder<T>): T[] {
  const values: T[] = []
  const emit = (value: T): void => {
    values.push(value)
  }
  decoder.push(bytes, emit)
  decoder.finish(emit)
  return values
}

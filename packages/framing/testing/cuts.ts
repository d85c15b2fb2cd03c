import type { IncrementalDecoder } from "../src/transformers/incremental-decoder.ts"

/** The ways to cut bytes into chunks that every vector is run with. */
export function* cuts(bytes: Uint8Array): Generator<readonly [string, Uint8Array[]]> {
  yield ["whole", [bytes]]
  for (let at = 1; at < bytes.length; at++)
    yield [`cut at ${at}`, [bytes.slice(0, at), bytes.slice(at)]]
  const single = Array.from(bytes, (byte) => Uint8Array.of(byte))
  yield ["one byte at a time", single]
  const empty = new Uint8Array(0)
  yield ["empty chunks between", [empty, ...single.flatMap((chunk) => [chunk, empty])]]
}

/** The bytes of a vector: its text in UTF-8, or its hexadecimal bytes. */
export function inputBytes(vector: {
  readonly input?: string
  readonly inputHex?: string
}): Uint8Array {
  if (vector.input !== undefined) return new TextEncoder().encode(vector.input)
  const pairs = (vector.inputHex ?? "").match(/../g) ?? []
  return Uint8Array.from(pairs, (pair) => Number.parseInt(pair, 16))
}

/** Shows bytes as a vector file writes them. */
export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")
}

/** Like a Buffer of Node's, its `slice()` is a view, where that of a Uint8Array is a copy. */
class LikeBuffer extends Uint8Array<ArrayBuffer> {
  override slice(start?: number, end?: number): Uint8Array<ArrayBuffer> {
    return this.subarray(start, end)
  }
}

/**
 * Pushes chunks into a decoder and shows each value as it comes. Each chunk is overwritten after its
 * push, so that a decoder that keeps a view of it is caught.
 */
export function runDecoder<T>(
  decoder: IncrementalDecoder<T>,
  chunks: readonly Uint8Array[],
  show: (value: T) => unknown = (value) => value,
): { values: unknown[]; error: unknown } {
  const values: unknown[] = []
  const emit = (value: T): void => {
    values.push(show(value))
  }
  try {
    for (const [index, chunk] of chunks.entries()) {
      const copy = chunk.slice()
      const lent = index % 2 === 0 ? new LikeBuffer(copy.buffer) : copy
      decoder.push(lent, emit)
      lent.fill(0x21)
    }
    decoder.finish(emit)
  } catch (error) {
    return { values, error }
  }
  return { values, error: undefined }
}

import { FramingError, type IncrementalDecoder } from "@bellmouth/framing"

/** What a decoder made of some chunks. */
export interface Outcome {
  readonly values: readonly unknown[]
  /** The fields of the error that ended it. */
  readonly error: Readonly<Record<string, unknown>> | undefined
}

/** Pushes chunks into a decoder. Each is overwritten after its push, as its owner may do. */
export function outcomeOf<T>(
  decoder: IncrementalDecoder<T>,
  chunks: readonly Uint8Array[],
  show: (value: T) => unknown,
): Outcome {
  const values: unknown[] = []
  const emit = (value: T): void => {
    values.push(show(value))
  }
  try {
    for (const chunk of chunks) {
      const lent = chunk.slice()
      decoder.push(lent, emit)
      lent.fill(0x21)
    }
    decoder.finish(emit)
  } catch (error) {
    return { values, error: fieldsOf(error) }
  }
  return { values, error: undefined }
}

/** The fields of a {@link FramingError} that do not depend on the runtime; throws what is none. */
export function fieldsOf(error: unknown): Readonly<Record<string, unknown>> {
  if (!(error instanceof FramingError)) throw error
  const { code, record, line, byteOffset, excerpt } = error
  return { code, record, line, byteOffset, excerpt }
}

/** The ways to cut bytes into chunks that every vector is run with. */
export function* cuts(bytes: Uint8Array): Generator<readonly [string, Uint8Array[]]> {
  yield ["whole", [bytes]]
  for (let at = 1; at < bytes.length; at++) {
    yield [`cut at ${at}`, [bytes.slice(0, at), bytes.slice(at)]]
  }
  const single = Array.from(bytes, (byte) => Uint8Array.of(byte))
  yield ["one byte at a time", single]
  const empty = new Uint8Array(0)
  yield ["empty chunks between", [empty, ...single.flatMap((chunk) => [chunk, empty])]]
}

/** Shows bytes as a vector file writes them. */
export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")
}

/** The vectors of a file. A field `xJson`, which is JSON text, is given as `x`. */
export function vectorsOf<V extends object>(file: { readonly vectors: readonly object[] }): V[] {
  return file.vectors.map((vector) => {
    const fields = Object.entries(vector).map(([key, value]): [string, unknown] =>
      key.endsWith("Json") ? [key.slice(0, -4), JSON.parse(value)] : [key, value],
    )
    return Object.fromEntries(fields) as V
  })
}

/** The most bytes of UTF-8 that a producer's id may have. */
const MAX_ID_BYTES = 1_024

/**
 * Who appends, so that what is sent twice is stored once.
 *
 * Each chunk of a pipe is one batch, and has a sequence: the first that of the pipe, each next one
 * more. A batch that the log has already is acknowledged with its first offset, and not stored again.
 */
export interface Producer {
  /** The name under which the log knows it; 1 to 1,024 bytes of UTF-8. */
  readonly id: string
  /** Goes up with each new life of the producer, and fences those before. A whole number from 0 on. */
  readonly epoch: number
  /** The sequence of the pipe's first chunk. Default 0, where each epoch has to begin. */
  readonly sequence?: number
}

/** The producer of one batch. */
export type ProducerBatch = Required<Producer>

/**
 * @throws {TypeError} when the id is no string.
 * @throws {RangeError} when the id is empty or too long, or a number is not whole, or below 0.
 */
export function toProducerBatch({ id, epoch, sequence = 0 }: Producer): ProducerBatch {
  if (typeof id !== "string") {
    throw new TypeError(`Cannot append as producer ${String(id)}: want a string as its id`)
  }
  const encoded = new TextEncoder().encode(id)
  // A lone surrogate is encoded as another character, which would be another id when read back.
  const isText = new TextDecoder("utf-8", { ignoreBOM: true }).decode(encoded) === id
  if (encoded.length < 1 || encoded.length > MAX_ID_BYTES || !isText) {
    throw new RangeError(
      `Cannot append as producer ${JSON.stringify(id)}: want 1 to ${MAX_ID_BYTES} bytes of UTF-8 as its id`,
    )
  }
  for (const [name, value] of Object.entries({ epoch, sequence })) {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new RangeError(`Cannot append with ${name} ${value}: want a whole number from 0 on`)
    }
  }
  return { id, epoch, sequence }
}

import type { ProducerBatch } from "@bellmouth/log"

const ID_AT = 16

/** Encodes the producer of a run: epoch, sequence, id. */
export function encodeProducer({ id, epoch, sequence }: ProducerBatch): Uint8Array {
  const text = new TextEncoder().encode(id)
  const bytes = new Uint8Array(ID_AT + text.length)
  const view = new DataView(bytes.buffer)
  view.setBigUint64(0, BigInt(epoch))
  view.setBigUint64(8, BigInt(sequence))
  bytes.set(text, ID_AT)
  return bytes
}

/** Gives undefined when the bytes are not those of a producer. */
export function decodeProducer(
  view: DataView,
  at: number,
  size: number,
): ProducerBatch | undefined {
  if (size <= ID_AT) return undefined
  const epoch = Number(view.getBigUint64(at))
  const sequence = Number(view.getBigUint64(at + 8))
  if (!Number.isSafeInteger(epoch) || !Number.isSafeInteger(sequence)) return undefined
  const text = new Uint8Array(view.buffer, view.byteOffset + at + ID_AT, size - ID_AT)
  return { id: new TextDecoder("utf-8", { ignoreBOM: true }).decode(text), epoch, sequence }
}

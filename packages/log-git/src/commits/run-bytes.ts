import type { Framing } from "@bellmouth/log"

const LF = 0x0a
const SIZE_BYTES = 4

/**
 * Where `count` framed records that begin at `at` end; -1 when there are not as many.
 *
 * @param bytes - Framed as a log's batches are: each record followed by LF, or preceded by its length as
 * u32, big-endian.
 */
export function endOf(bytes: Buffer, framing: Framing, at: number, count: number): number {
  let next = at
  for (let record = 0; record < count; record++) {
    if (framing === "lines") {
      next = bytes.indexOf(LF, next) + 1
      if (next === 0) return -1
    } else {
      if (next + SIZE_BYTES > bytes.length) return -1
      next += SIZE_BYTES + bytes.readUInt32BE(next)
      if (next > bytes.length) return -1
    }
  }
  return next
}

/** Framed records as lines of base64. */
export function toBase64Lines(bytes: Buffer, framing: Framing, count: number): Buffer {
  const lines: string[] = []
  let at = 0
  for (let record = 0; record < count; record++) {
    const end = endOf(bytes, framing, at, 1)
    const [begin, stop] = framing === "lines" ? [at, end - 1] : [at + SIZE_BYTES, end]
    lines.push(`${bytes.toString("base64", begin, stop)}\n`)
    at = end
  }
  return Buffer.from(lines.join(""))
}

/** Framed records of lines of base64; undefined when a line is none, or the record not for this framing. */
export function fromBase64Lines(lines: Buffer, framing: Framing): Buffer | undefined {
  const parts: Buffer[] = []
  for (let at = 0; at < lines.length; ) {
    const end = lines.indexOf(LF, at)
    const text = lines.toString("latin1", at, end)
    const record = Buffer.from(text, "base64")
    if (record.toString("base64") !== text) return undefined
    if (framing === "lines") {
      if (record.includes(LF)) return undefined
      parts.push(record, Buffer.of(LF))
    } else {
      const size = Buffer.alloc(SIZE_BYTES)
      size.writeUInt32BE(record.length)
      parts.push(size, record)
    }
    at = end + 1
  }
  return Buffer.concat(parts)
}

/**
 * A second reader of the format of RFC 0003, which imports nothing of ours: it reads whole files
 * and takes no care of speed.
 */
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { crc32 } from "node:zlib"

/** All that a log holds. */
export interface ReferenceLog {
  readonly records: readonly Buffer[]
  /** How many bytes follow the last whole frame, up to the last that is not zero. */
  readonly tornBytes: number
  /** The tail that the writer had published, 0 when there is none. */
  readonly published: number
}

export function readReference(directory: string): ReferenceLog {
  const names = readdirSync(directory).filter((name) => /^\d{20}\.log$/.test(name))
  const records: Buffer[] = []
  let tornBytes = 0
  let fillBytes = 0
  let previous = 0
  for (const name of names.sort()) {
    const bytes = readFileSync(join(directory, name))
    const seed = crc32(bytes.subarray(16, 32))
    if (bytes.toString("latin1", 0, 4) !== "BMSG") throw new Error(`${name}: magic`)
    if (crc32(bytes.subarray(8, 64)) !== bytes.readUInt32BE(4))
      throw new Error(`${name}: header checksum`)
    if (tornBytes > 0) throw new Error(`${name}: follows a torn segment`)
    if (fillBytes > 0) throw new Error(`${name}: follows a segment with zeros after its last frame`)
    if (Number(name.slice(0, 20)) !== records.length) throw new Error(`${name}: a gap before it`)
    if (bytes.readUInt32BE(12) !== previous) throw new Error(`${name}: chain of segments`)
    let at = 64
    while (isFrame(bytes, at, seed)) {
      if (bytes.readUInt32BE(at + 12) !== previous) throw new Error(`${name}: chain at ${at}`)
      if (Number(bytes.readBigUInt64BE(at + 16)) !== records.length) {
        throw new Error(`${name}: offset at ${at}`)
      }
      records.push(...recordsOf(bytes.subarray(at, at + bytes.readUInt32BE(at + 8))))
      previous = bytes.readUInt32BE(at + 4)
      at += bytes.readUInt32BE(at + 8)
    }
    const torn = bytes.subarray(at)
    tornBytes = torn.findLastIndex((byte) => byte !== 0) + 1
    fillBytes = torn.length - tornBytes
  }
  return { records, tornBytes, published: publishedTail(directory) }
}

function isFrame(bytes: Buffer, at: number, seed: number): boolean {
  if (bytes.length < at + 32 || bytes.toString("latin1", at, at + 4) !== "BMFR") return false
  const frame = bytes.subarray(at, at + bytes.readUInt32BE(at + 8))
  if (frame.length < 48 || frame.length < bytes.readUInt32BE(at + 8)) return false
  return crc32(frame.subarray(8), seed) === frame.readUInt32BE(4)
}

function recordsOf(frame: Buffer): Buffer[] {
  const records: Buffer[] = []
  const entries = frame.readUInt32BE(28)
  let at = 32 + entries * 16
  for (let entry = 0; entry < entries; entry++) {
    const head = 32 + entry * 16
    if (frame[head] === 2) at += frame.readUInt32BE(head + 12)
  }
  for (let entry = 0; entry < entries; entry++) {
    const head = 32 + entry * 16
    if (frame[head] === 2) continue
    const count = frame.readUInt32BE(head + 4) * frame.readUInt32BE(head + 8)
    for (let n = 0; n < count; n++) {
      const isLine = frame[head] === 0
      const begin = isLine ? at : at + 4
      const end = isLine ? frame.indexOf(10, at) : begin + frame.readUInt32BE(at)
      records.push(frame.subarray(begin, end))
      at = isLine ? end + 1 : end
    }
  }
  if (records.length !== frame.readUInt32BE(24)) throw new Error("a frame whose count is wrong")
  return records
}

function publishedTail(directory: string): number {
  const bytes = readFileSync(join(directory, "tail"))
  const slots = [0, 512]
    .map((at) => bytes.subarray(at, at + 64))
    .filter(
      (slot) =>
        slot.toString("latin1", 0, 4) === "BMTL" &&
        crc32(slot.subarray(8)) === slot.readUInt32BE(4),
    )
  slots.sort((left, right) => Number(right.readBigUInt64BE(24) - left.readBigUInt64BE(24)))
  return Number(slots[0]?.readBigUInt64BE(32) ?? 0n)
}

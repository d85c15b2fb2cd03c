import { join } from "node:path"
import { CHECKSUM_AT, checksumOf } from "../files/checksum.ts"
import type { FileLayer, LayerFile } from "../files/file-layer.ts"
import { isCode } from "../files/node-file-layer.ts"
import { readRange } from "../files/write-all.ts"
import { corrupt } from "./log-fault.ts"
import { createDurably } from "./segment-file.ts"

const NAME = "sealed"
/** The bytes "BMSL". */
const MAGIC = 0x424d534c
const TAIL_AT = 8
const SEAL_BYTES = 16

/** Encodes the seal of a log whose final tail is `tail`. */
export function encodeSeal(tail: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(SEAL_BYTES)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, MAGIC)
  view.setBigUint64(TAIL_AT, BigInt(tail))
  view.setUint32(CHECKSUM_AT, checksumOf(bytes, seed))
  return bytes
}

/** Gives the final tail, or undefined when the bytes are not this log's seal. */
export function decodeSeal(bytes: Uint8Array, seed: number): number | undefined {
  if (bytes.length !== SEAL_BYTES) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, SEAL_BYTES)
  if (view.getUint32(0) !== MAGIC) return undefined
  if (checksumOf(bytes, seed) !== view.getUint32(CHECKSUM_AT)) return undefined
  return Number(view.getBigUint64(TAIL_AT))
}

/** Seals a log whose records before `tail` are on disk. The seal is there after this, or not at all. */
export function writeSeal(
  layer: FileLayer,
  directory: string,
  tail: number,
  seed: number,
): Promise<void> {
  return createDurably(layer, directory, NAME, encodeSeal(tail, seed))
}

/**
 * The final tail of a log that is sealed, undefined when it is not.
 *
 * @throws {LogError} `CORRUPT` when there is a seal that is not this log's.
 */
export async function readSeal(
  layer: FileLayer,
  directory: string,
  seed: number,
): Promise<number | undefined> {
  const path = join(directory, NAME)
  let file: LayerFile
  try {
    file = await layer.open(path, "read")
  } catch (error) {
    if (isCode(error, "ENOENT")) return undefined
    throw error
  }
  try {
    const tail = decodeSeal(await readRange(file, 0, SEAL_BYTES + 1), seed)
    if (tail !== undefined) return tail
    const reason = "and whether the log takes more records is not known"
    throw corrupt({ path, position: 0, reason, offset: 0 })
  } finally {
    await file.close()
  }
}

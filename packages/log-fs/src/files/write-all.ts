import type { LayerFile } from "./file-layer.ts"

/**
 * Writes all parts at `position`, going on after each short write; a write of nothing is an error. Of the
 * last part, `spare` bytes may be missing after a short write. What a layer has written when it returns is not
 * waited for. Gives where the writing has ended.
 */
export function writeAll(
  file: LayerFile,
  parts: readonly Uint8Array[],
  position: number,
  spare = 0,
): number | Promise<number> {
  let rest = parts.filter((part) => part.length > 0)
  let at = position
  let left = sizeOf(rest)
  while (left > spare) {
    const written = file.write(rest, at)
    if (typeof written !== "number") return finish(file, rest, at, spare, written)
    rest = skip(rest, checked(written, at))
    at += written
    left -= written
  }
  return at
}

async function finish(
  file: LayerFile,
  parts: readonly Uint8Array[],
  position: number,
  spare: number,
  writing: Promise<number>,
): Promise<number> {
  const written = checked(await writing, position)
  const rest = skip(parts, written)
  return sizeOf(rest) <= spare
    ? position + written
    : writeAll(file, rest, position + written, spare)
}

function sizeOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0)
}

function checked(written: number, position: number): number {
  if (written > 0) return written
  throw new Error(`the file system wrote ${written} bytes at position ${position}`)
}

function skip(parts: readonly Uint8Array[], byteLength: number): Uint8Array[] {
  const rest: Uint8Array[] = []
  let left = byteLength
  for (const part of parts) {
    if (left < part.length) rest.push(left > 0 ? part.subarray(left) : part)
    left = Math.max(0, left - part.length)
  }
  return rest
}

/** Reads into all of `into`, or up to the end of the file; gives how many bytes. */
export async function readAll(
  file: LayerFile,
  into: Uint8Array,
  position: number,
): Promise<number> {
  let length = 0
  while (length < into.length) {
    const read = await file.read(length === 0 ? into : into.subarray(length), position + length)
    if (read === 0) break
    length += read
  }
  return length
}

/** The bytes of a file from `position` up to `end`. */
export async function readRange(
  file: LayerFile,
  position: number,
  end: number,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(Math.max(0, end - position))
  return bytes.subarray(0, await readAll(file, bytes, position))
}

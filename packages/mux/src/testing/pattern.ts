import { seededRandom } from "@bellmouth/core/testing"
import { check } from "./conformance-error.ts"

/** Prime, so that no power of two that goes missing goes unseen. */
const PERIOD = 65_537
const tables = new Map<number, Uint8Array>()

/** The bytes of one period. */
function tableOf(seed: number): Uint8Array {
  let table = tables.get(seed)
  if (table === undefined) {
    const random = seededRandom(seed)
    table = Uint8Array.from({ length: PERIOD }, () => random(256))
    tables.set(seed, table)
  }
  return table
}

/** A range of an endless pattern, in a buffer of its own. */
export function patternBytes(from: number, length: number, seed = 1): Uint8Array {
  const table = tableOf(seed)
  const bytes = new Uint8Array(length)
  for (let at = 0; at < length; ) {
    const start = (from + at) % PERIOD
    const part = table.subarray(start, start + length - at)
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

/** So many sizes, all the same. */
export function times(count: number, size: number): readonly number[] {
  return Array.from({ length: count }, () => size)
}

/** Writes the pattern in chunks of the given sizes, one after the other; gives how many bytes. */
export async function writePattern(
  writer: WritableStreamDefaultWriter<Uint8Array>,
  sizes: readonly number[],
  seed = 1,
): Promise<number> {
  let at = 0
  for (const size of sizes) {
    await writer.write(patternBytes(at, size, seed))
    at += size
  }
  return at
}

/** Reads the pattern's first bytes and checks each; gives how many chunks they came in. */
export async function readPattern(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  length: number,
  seed = 1,
): Promise<number> {
  const table = tableOf(seed)
  let at = 0
  let chunks = 0
  while (at < length) {
    const { done, value } = await reader.read()
    check(!done, `all bytes come before the end; it came after ${at} of ${length}`)
    check(value.constructor === Uint8Array, "every chunk is a Uint8Array, and of no other class")
    check(value.length > 0, "no chunk is empty")
    let place = at % PERIOD
    for (const byte of value) {
      if (byte !== table[place]) check(false, `bytes come as they were sent; byte ${at} does not`)
      at++
      place = place + 1 === PERIOD ? 0 : place + 1
    }
    check(at <= length, `no more bytes come than were sent; ${at} of ${length} did`)
    // The reader owns it: what comes next must not be another view of the same bytes.
    value.fill(0)
    chunks++
  }
  return chunks
}

/** Reads the end. */
export async function readEnd(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  const { done, value } = await reader.read()
  check(done, `nothing comes after the last byte; ${value?.length} bytes did`)
}

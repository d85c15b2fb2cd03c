import { cutLength } from "./utf8-decoder.ts"

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

/** Counts the bytes of the good UTF-8 that begins bytes which are not good as a whole. */
export function validLength(bytes: Uint8Array): number {
  let valid = 0
  let low = 0
  let high = bytes.length
  while (low < high) {
    const middle = (low + high + 1) >> 1
    const part = bytes.subarray(0, middle)
    try {
      const length = middle - cutLength(part)
      utf8.decode(part.subarray(0, length))
      valid = length
      low = middle
    } catch {
      // Expected: this start is too long. The caller reports the bytes as a whole.
      high = middle - 1
    }
  }
  return valid
}

/** Decodes the good UTF-8 at the start of bytes that are not good as a whole. */
export function validStart(bytes: Uint8Array): string {
  return utf8.decode(bytes.subarray(0, validLength(bytes)))
}

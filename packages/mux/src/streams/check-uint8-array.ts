import { isBytes } from "@bellmouth/core"

/** @throws {TypeError} when `value` is no bytes. */
export function checkUint8Array(action: string, value: unknown): asserts value is Uint8Array {
  if (isBytes(value)) return
  throw new TypeError(`Cannot ${action} ${typeof value}: want a Uint8Array`)
}

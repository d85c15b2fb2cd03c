import { isBytes } from "@bellmouth/core"

/** @throws {TypeError} when `value` is no bytes, or was transferred. */
export function checkUint8Array(action: string, value: unknown): asserts value is Uint8Array {
  if (!isBytes(value)) throw new TypeError(`Cannot ${action} ${typeof value}: want a Uint8Array`)
  // It throws for one that was transferred, which must not pass for an empty one.
  if (value.byteLength === 0) value.slice()
}

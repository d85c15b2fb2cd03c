/** @throws {TypeError} when `value` is no bytes. */
export function checkUint8Array(action: string, value: unknown): asserts value is Uint8Array {
  if (value instanceof Uint8Array) return
  throw new TypeError(`Cannot ${action} ${typeof value}: want a Uint8Array`)
}

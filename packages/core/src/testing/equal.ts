/** Whether two acyclic values are equal by structure: the default meaning of "the same output". */
export function equal(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true
  if (typeof one !== "object" || typeof other !== "object" || !one || !other) return false
  if (Object.getPrototypeOf(one) !== Object.getPrototypeOf(other)) return false
  if (ArrayBuffer.isView(one) && ArrayBuffer.isView(other)) return equalBytes(one, other)
  if (one instanceof ArrayBuffer && other instanceof ArrayBuffer) {
    return equalBytes(new Uint8Array(one), new Uint8Array(other))
  }
  if (one instanceof Date && other instanceof Date) return Object.is(+one, +other)
  if (one instanceof Map && other instanceof Map) return equal([...one], [...other])
  if (one instanceof Set && other instanceof Set) return equal([...one], [...other])
  if (one instanceof Error && other instanceof Error) {
    return one.name === other.name && one.message === other.message
  }
  return equalProperties(one, other)
}

function equalBytes(one: ArrayBufferView, other: ArrayBufferView): boolean {
  if (one.byteLength !== other.byteLength) return false
  const left = new Uint8Array(one.buffer, one.byteOffset, one.byteLength)
  const right = new Uint8Array(other.buffer, other.byteOffset, other.byteLength)
  return left.every((byte, index) => byte === right[index])
}

function equalProperties(one: object, other: object): boolean {
  const keys = Reflect.ownKeys(one)
  if (keys.length !== Reflect.ownKeys(other).length) return false
  return keys.every(
    (key) => Object.hasOwn(other, key) && equal(Reflect.get(one, key), Reflect.get(other, key)),
  )
}

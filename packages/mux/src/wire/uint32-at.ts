/**
 * The number of 32 bits that lies there. Without a `DataView`: one of a short chunk, whose bytes lie
 * within its object, costs more than all else that is done with it.
 */
export function uint32At(bytes: Uint8Array, at: number): number {
  let value = 0
  for (let index = at; index < at + 4; index++) value = (value << 8) | (bytes[index] ?? 0)
  return value >>> 0
}

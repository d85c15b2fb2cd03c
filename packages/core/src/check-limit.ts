/** Refuses what is not a number above `above`; infinity is one. */
export function checkLimit(name: string, limit: number, above = 0): void {
  if (limit > above) return
  throw new RangeError(`Cannot use ${name} ${limit}: want a number above ${above}`)
}

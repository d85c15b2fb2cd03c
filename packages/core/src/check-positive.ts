/** Refuses what is not a number above 0; infinity is one. */
export function checkPositive(name: string, value: number): void {
  if (value > 0) return
  throw new RangeError(`Cannot use ${name} ${value}: want a number above 0`)
}

/** Refuses what is not a whole number from `least` on. */
export function checkCount(what: string, count: number, least = 0): void {
  if (Number.isSafeInteger(count) && count >= least) return
  throw new RangeError(`Cannot ${what} ${count}: want a whole number from ${least} on`)
}

/** Gives the limit that an option asks for, or its default. `Infinity` switches the limit off. */
export function checkLimit(name: string, value: number | undefined, fallback: number): number {
  if (value === undefined) return fallback
  if (value === Number.POSITIVE_INFINITY || (Number.isSafeInteger(value) && value > 0)) return value
  throw new RangeError(
    `Cannot use ${name}: it must be a positive integer or Infinity, not ${String(value)}`,
  )
}

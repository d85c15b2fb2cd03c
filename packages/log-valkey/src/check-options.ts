/** What keys begin with, if nothing else is said. */
export const PREFIX = "bellmouth:"
/** How long a command is tried again, in milliseconds, if nothing else is said. */
export const TIMEOUT_MS = 30_000
/** The most milliseconds that a timer takes. */
export const MAX_MS: number = 2 ** 31 - 1

const MAX_PREFIX = 256

/** @throws {RangeError} when keys can not begin so. */
export function checkPrefix(action: string, prefix: string): void {
  if (typeof prefix === "string" && prefix.length <= MAX_PREFIX && !/[{}]/.test(prefix)) return
  throw new RangeError(
    `Cannot ${action} with prefix ${JSON.stringify(prefix)}: want at most ${MAX_PREFIX} characters, and no braces`,
  )
}

/** @throws {RangeError} when a number is not one that its option can have. */
export function checkWhole(
  action: string,
  name: string,
  value: number,
  { least, most }: { readonly least: number; readonly most: number },
): void {
  if (Number.isInteger(value) && value >= least && value <= most) return
  throw new RangeError(
    `Cannot ${action} with ${name} ${value}: want a whole number from ${least} to ${most}`,
  )
}

/** @throws {RangeError} when a word is not one of those that its option can have. */
export function checkOneOf(
  action: string,
  name: string,
  value: string,
  allowed: readonly string[],
): void {
  if (allowed.includes(value)) return
  throw new RangeError(
    `Cannot ${action} with ${name} ${JSON.stringify(value)}: want ${allowed.join(" or ")}`,
  )
}

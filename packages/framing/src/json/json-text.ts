/** Encodes a value as JSON text; a `TypeError` for what has none. */
export function jsonText(value: unknown, what: string): string {
  const text: string | undefined = JSON.stringify(value)
  if (text === undefined)
    throw new TypeError(`Cannot encode ${what}: ${typeof value} has no JSON; use null`)
  return text
}

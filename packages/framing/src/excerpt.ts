import { utf8Length } from "./utf8/utf8-length.ts"

const EXCERPT_UNITS = 64

/**
 * The start of a bad text, for its error: whole characters, at most 64 units. What lies past a limit is
 * not shown, for how much of that has come is chance.
 */
export function excerptOf(text: string, maxBytes: number = Number.POSITIVE_INFINITY): string {
  let units = 0
  let bytes = 0
  for (const character of text) {
    bytes += utf8Length(character)
    if (bytes > maxBytes || units + character.length > EXCERPT_UNITS) break
    units += character.length
  }
  return text.slice(0, units)
}

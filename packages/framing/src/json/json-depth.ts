const SPACE = 32
const QUOTE = 34
const COMMA = 44
const BACKSLASH = 92
/** A bracket is a brace without the bit of 32. */
const BRACE = 123
const CLOSING_BRACE = 125

/**
 * Says whether a JSON text, of these bytes of UTF-8, nests arrays and objects deeper than `max`.
 *
 * Exact, and nearly free for ordinary text: only one with more than `max` openers, strings included
 * but not those that follow one another, needs a look at its structure. They are counted by `indexOf`,
 * which costs some ten nanoseconds for each and next to nothing between. The structure is read from the
 * bytes: of a text that is part of another one, each unit costs two to four times as much.
 */
export function exceedsDepth(text: string, max: number, bytesOf: () => Uint8Array): boolean {
  // Each level takes an opener and a closer.
  if (text.length <= 2 * max) return false
  // The first unit counts as one, whatever it is.
  let left = max - 1
  let at = 0
  while (left >= 0 && (at = text.indexOf("[", at + 1)) !== -1) if (!follows(text, at)) left--
  at = 0
  // Each object inside this one takes a key and a colon as well, `{"":{}}`: five units.
  while (left >= 0 && (at = text.indexOf("{", at + 1)) !== -1 && at < text.length - 5 * left)
    if (!follows(text, at)) left--
  if (left >= 0) return false
  const bytes = bytesOf()
  let depth = 0
  for (at = 0; at < bytes.length && depth <= max; at++) {
    const byte = bytes[at] ?? 0
    if (byte === QUOTE) {
      while (++at < bytes.length && bytes[at] !== QUOTE) if (bytes[at] === BACKSLASH) at++
    } else if ((byte | 32) === BRACE) depth++
    else if ((byte | 32) === CLOSING_BRACE) depth--
  }
  return depth > max
}

/**
 * Whether what opens at `at` stands right behind what has closed, and so lies no deeper: both are part
 * of one string, or neither is.
 */
function follows(text: string, at: number): boolean {
  const comma = text.charCodeAt(at - 1) === SPACE ? at - 2 : at - 1
  return text.charCodeAt(comma) === COMMA && (text.charCodeAt(comma - 1) | 32) === CLOSING_BRACE
}

import { FramingError, type FramingErrorCode, type FramingErrorOptions } from "../framing-error.ts"

const EXCERPT_UNITS = 64

/** What is wrong and, where an option decides it, which. */
const STATES: Partial<Record<FramingErrorCode, string>> = {
  BLANK_LINE: 'blank; blankLines: "skip" allows it',
  INVALID_UTF8: "not UTF-8; fatal: false allows it",
  LINE_TOO_LONG: "longer than maxLineBytes",
  TOO_DEEP: "deeper than maxDepth",
  UNTERMINATED: "not ended by a line feed",
}

/** Makes the error for a line, beginning with `text`, that can not be decoded. */
export function lineError(
  format: string,
  code: FramingErrorCode,
  text: string,
  place: FramingErrorOptions,
): FramingError {
  const excerpt = text.slice(0, EXCERPT_UNITS)
  const state = STATES[code] ?? `not JSON (${place.cause})`
  const message = `Cannot decode ${format} line ${place.line} at byte ${place.byteOffset}: it is ${state}, found ${JSON.stringify(excerpt)}`
  return new FramingError(code, message, { ...place, excerpt })
}

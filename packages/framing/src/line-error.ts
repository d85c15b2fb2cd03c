import { FramingError, type FramingErrorCode } from "./framing-error.ts"

const EXCERPT_UNITS = 64

interface BadLine {
  readonly record?: number
  readonly line: number
  readonly byteOffset: number
  readonly text: string
  readonly cause: unknown
}

/** What is wrong and, where an option decides it, which. */
const STATES: Partial<Record<FramingErrorCode, string>> = {
  BLANK_LINE: 'it is blank; set blankLines to "skip" to allow it',
  INVALID_UTF8: "it is not UTF-8; set fatal to false to allow it",
  LINE_TOO_LONG: "it is longer than maxLineBytes",
  TOO_DEEP: "it nests deeper than maxDepth",
  UNTERMINATED: "no line feed ends it, so it may be torn",
}

/** Makes the error for a line that can not be decoded. */
export function lineError(format: string, code: FramingErrorCode, bad: BadLine): FramingError {
  const { line, byteOffset, cause } = bad
  const excerpt = bad.text.slice(0, EXCERPT_UNITS)
  const state = STATES[code] ?? `it does not parse (${cause})`
  const message = `Cannot decode ${format} line ${line} at byte ${byteOffset}: ${state}, found ${JSON.stringify(excerpt)}`
  return new FramingError(code, message, { ...bad, excerpt })
}

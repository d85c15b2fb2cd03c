import { FramingError, type FramingErrorCode } from "./framing-error.ts"

const EXCERPT_UNITS = 64

interface BadLine {
  readonly record?: number
  readonly line: number
  readonly byteOffset: number
  readonly text: string
  readonly cause: unknown
}

/** Makes the error for a line that can not be decoded. */
export function lineError(format: string, code: FramingErrorCode, bad: BadLine): FramingError {
  const { record, line, byteOffset, cause } = bad
  const excerpt = bad.text.slice(0, EXCERPT_UNITS)
  const place = `line ${line} at byte ${byteOffset}`
  const message = `Cannot decode ${format} ${place}: ${state(code, cause)}, found ${JSON.stringify(excerpt)}`
  return new FramingError(code, message, { record, line, byteOffset, excerpt, cause })
}

function state(code: FramingErrorCode, cause: unknown): string {
  switch (code) {
    case "BLANK_LINE":
      return 'the line is blank; set blankLines to "skip" to allow it'
    case "INVALID_UTF8":
      return "the line is not UTF-8; set fatal to false to replace what is not"
    case "LINE_TOO_LONG":
      return "the line is longer than maxLineBytes; raise the limit if it is expected"
    case "TOO_DEEP":
      return "the value nests deeper than maxDepth; raise the limit if it is expected"
    case "UNTERMINATED":
      return "the input ends without a line feed, so the line may be torn"
    default:
      return `the line does not parse (${cause instanceof Error ? cause.message : String(cause)})`
  }
}

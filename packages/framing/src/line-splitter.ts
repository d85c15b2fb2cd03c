import type { FramingErrorCode } from "./framing-error.ts"

/** Takes what a {@link LineSplitter} finds, in order. */
export interface LineSink {
  /** Whole lines, each with its line feed. Counts each in `lines` before it is looked at. */
  lines(text: string): void
  /** A line that can not be given, with the start of its text. It was counted. */
  bad(code: FramingErrorCode, start: string, cause: unknown): void
}

/** Cuts bytes into lines. */
export interface LineSplitter {
  /** How many lines there were, the current one included. */
  lines: number
  push(chunk: Uint8Array): void
  /** Ends the input and gives the last line when it has no line feed; it is counted. */
  finish(): string | undefined
  /** Where the current line begins, in bytes from the start of the stream. */
  start(): number
}

const LF = 10
const BOM = [0xef, 0xbb, 0xbf]
/**
 * Longer chunks are decoded in pieces of this size, so that their text stays in the cache. A larger
 * buffer is not kept.
 */
const PIECE_BYTES = 65_536
const EXCERPT_BYTES = 256
const NOTHING = new Uint8Array(0)
const FIRST_BYTES = 1024

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true })

/**
 * Cuts UTF-8 bytes into lines at LF, in linear time, and knows where each one is.
 *
 * A block of whole lines is decoded at once, so no character is ever cut; an unfinished line is held
 * as bytes. Positions are counted on the bytes of the block, and only when somebody asks.
 *
 * A function, not a class: its variables take a fraction of the bytes of private fields.
 */
export function lineSplitter(sink: LineSink, maxLineBytes: number, fatal: boolean): LineSplitter {
  /** No line inside a piece can be over the limit. */
  const pieceBytes = Math.min(maxLineBytes, PIECE_BYTES)
  let begun = false
  let refused = false
  /**
   * The unfinished line, at the start of a buffer that is kept: to make one for each chunk costs a
   * browser a tenth of the time. A line is decoded before the next one comes.
   */
  let held = NOTHING
  let length = 0
  /** The current block of lines, and where in the stream it begins. */
  let block: Uint8Array = held
  let base = 0
  /** A known place: so many lines end before this byte of the stream. */
  let placeLines = 0
  let placeByte = 0
  const splitter: LineSplitter = {
    lines: 0,
    push(chunk) {
      for (let at = 0; at < chunk.length; at += pieceBytes)
        push(chunk.subarray(at, at + pieceBytes))
    },
    finish() {
      const line = length > 0 ? decode(join(NOTHING)) : undefined
      if (line !== undefined) splitter.lines += 1
      return line
    },
    start() {
      for (; placeLines < splitter.lines - 1; placeLines++)
        placeByte = base + block.indexOf(LF, placeByte - base) + 1
      return placeByte
    },
  }
  return splitter

  function push(piece: Uint8Array): void {
    let bytes = piece
    if (!begun) {
      bytes = join(bytes)
      const bom = BOM.every((byte, at) => (bytes[at] ?? byte) === byte)
      if (bom && bytes.length < BOM.length) {
        hold(bytes)
        return
      }
      begun = true
      if (bom) {
        placeByte = BOM.length
        bytes = bytes.subarray(placeByte)
      }
    }
    if (refused || length > 0) {
      const first = bytes.indexOf(LF) + 1
      if (refused) {
        placeByte += first || bytes.length
        if (first === 0) return
        refused = false
      } else if (first > 0) take(join(bytes.subarray(0, first)))
      bytes = bytes.subarray(first)
    }
    const end = bytes.lastIndexOf(LF) + 1
    if (end > 0) take(bytes.subarray(0, end))
    if (end < bytes.length) hold(bytes.subarray(end))
    if (length > maxLineBytes) {
      const line = join(NOTHING)
      refused = true
      decode(line)
      placeLines = splitter.lines
      placeByte += line.length
    }
  }

  /** Holds a copy, in a buffer that grows by doubling, so that the time is linear. */
  function hold(bytes: Uint8Array): void {
    const total = length + bytes.length
    if (total > held.length) {
      const grown = new Uint8Array(Math.max(total, 2 * held.length, FIRST_BYTES))
      grown.set(held.subarray(0, length))
      held = grown
    }
    held.set(bytes, length)
    length = total
  }

  /** Takes what is held, followed by `bytes`. */
  function join(bytes: Uint8Array): Uint8Array {
    hold(bytes)
    const joined = held.subarray(0, length)
    if (held.length > PIECE_BYTES) held = NOTHING
    length = 0
    return joined
  }

  /** Hands out the lines of a block: one line of any length, or several within the limit. */
  function take(lines: Uint8Array): void {
    block = lines
    base = placeByte
    const text = lines.length > maxLineBytes + 1 ? undefined : utf8.decode(lines)
    // What has a U+FFFD may have been replaced: a look at each line says so, and in which. On one
    // platform `includes` takes ten times as long as `indexOf`, twice as long as to decode.
    if (text === undefined || (fatal && text.indexOf("\ufffd") !== -1))
      for (let at = 0, lf = lines.indexOf(LF); lf !== -1; lf = lines.indexOf(LF, at)) {
        const line = decode(lines.subarray(at, lf))
        if (line !== undefined) sink.lines(`${line}\n`)
        at = lf + 1
      }
    else sink.lines(text)
    placeLines = splitter.lines
    placeByte = base + lines.length
  }

  /** Decodes one line, or counts it and reports what is wrong with it. */
  function decode(line: Uint8Array): string | undefined {
    const fits = line.length <= maxLineBytes
    const bytes = fits ? line : line.subarray(0, maxLineBytes)
    let code: FramingErrorCode = "LINE_TOO_LONG"
    let cause: unknown
    try {
      // A character that the limit cuts is no fault of the line.
      if (fatal) new TextDecoder("utf-8", { fatal }).decode(bytes, { stream: !fits })
      if (fits) return utf8.decode(bytes)
    } catch (reason) {
      code = "INVALID_UTF8"
      cause = reason
    }
    splitter.lines += 1
    const start = utf8.decode(bytes.subarray(0, EXCERPT_BYTES))
    sink.bad(code, start.replace(/\ufffd[^]*/, ""), cause)
    return undefined
  }
}

/** Hands out each line of a text that {@link LineSink.lines} was given, without its line feed. */
export function eachLine(splitter: LineSplitter, text: string, take: (line: string) => void): void {
  for (let at = 0, lf = text.indexOf("\n"); lf !== -1; lf = text.indexOf("\n", at)) {
    splitter.lines += 1
    take(text.slice(at, lf))
    at = lf + 1
  }
}

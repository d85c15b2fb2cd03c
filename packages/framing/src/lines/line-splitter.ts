import { checkBytes, checkLimit } from "@bellmouth/core"
import { type ErrorPolicy, reporter } from "../error-policy.ts"
import { FramingError, type FramingErrorCode } from "../framing-error.ts"
import type { Emit, IncrementalDecoder } from "../transformers/incremental-decoder.ts"

/** How a {@link LineSplitter} reads. */
export interface LineSplitterOptions {
  /** Default 1,048,576. */
  readonly maxLineBytes?: number | undefined
  /** Default `true`. */
  readonly fatal?: boolean | undefined
  /** Default `"throw"`. */
  readonly onError?: ErrorPolicy | undefined
}

/** Takes a line without its line feed, and whether it had one: only the last may lack it. */
export type TakeLine<T> = (text: string, ended: boolean, emit: (value: T) => void) => void

/**
 * Makes the values of whole lines at once, if each has its line feed and is one value: of their
 * bytes, or of the text that `decode` makes of these, with U+FFFD for what is not UTF-8. `undefined`:
 * the lines are to be taken one by one, as is a line of more than so many UTF-16 units.
 */
export type TakeLines<T> = (
  bytes: Uint8Array,
  decode: () => string,
  maxUnits: number,
) => T[] | undefined

/** What of an error's options there may not be. */
interface Cause {
  readonly cause: unknown
}

/** Cuts bytes into lines, of which {@link TakeLine} makes values. */
export interface LineSplitter<T> extends IncrementalDecoder<T> {
  /** How many lines were no records. */
  blank: number
  /** Where the current line begins, in bytes from the start of the stream. */
  start(): number
  /** The bytes of the current line, as long as it is the current one. */
  bytes(): Uint8Array
  /** Reports what is wrong with the current line, which begins with `text`. */
  fail(code: FramingErrorCode, state: string, text: string, cause?: Cause): false
}

const LF = 10
const END = Uint8Array.of(LF)
const NOTHING = new Uint8Array(0)
/**
 * Longer chunks are decoded in pieces of this size, so that their text stays in the cache. A buffer
 * of more than four is not kept.
 */
const PIECE_BYTES = 65_536

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true })

/**
 * Cuts UTF-8 bytes into lines at LF, in linear time, and knows where each one is.
 *
 * A block of whole lines is decoded at once, so no character is ever cut; an unfinished line is held
 * as bytes. Positions are counted on the bytes of the block, and only when somebody asks.
 *
 * A function, not a class: its variables take a fraction of the bytes of private fields.
 */
export function lineSplitter<T>(
  format: string,
  options: LineSplitterOptions,
  take: TakeLine<T>,
  takeAll?: TakeLines<T>,
): LineSplitter<T> {
  const maxLineBytes = checkLimit("maxLineBytes", options.maxLineBytes ?? 1_048_576)
  const { fatal = true } = options
  const report = reporter(options.onError)
  let emit: Emit<T>
  let refused = false
  /**
   * The unfinished line, at the start of a buffer that is kept: to make one for each chunk costs a
   * browser a tenth of the time. A line is decoded before the next one comes.
   */
  let held = NOTHING
  let length = 0
  /** How many lines there were, the current one included. */
  let lines = 0
  /** The current block of lines, and where in the stream it begins. */
  let block: Uint8Array
  let base = 0
  /** Where in the block a line begins, and which line that is. */
  let known = 0
  let knownLine = 0
  const splitter = { blank: 0, push, finish, start, bytes, fail }
  return splitter

  function push(chunk: Uint8Array, emitValue: Emit<T>): void {
    checkBytes("decode", chunk)
    emit = emitValue
    for (let at = 0; at < chunk.length; at += PIECE_BYTES) {
      let piece = chunk.subarray(at, at + PIECE_BYTES)
      if (refused) {
        const skipped = piece.indexOf(LF) + 1 || piece.length
        refused = piece[skipped - 1] !== LF
        base += skipped
        piece = piece.subarray(skipped)
      }
      const end = piece.lastIndexOf(LF) + 1
      // To copy a small block costs less than to decode its first line on its own, and any block less
      // than to search bytes for the end of a long line.
      const first = length && (end > PIECE_BYTES / 4 && length < 4096 ? piece.indexOf(LF) + 1 : end)
      if (first > 0) takeBlock(piece.subarray(0, first))
      if (first < end) takeBlock(piece.subarray(first, end))
      hold(piece.subarray(end))
      // The three bytes of a byte order mark do not count.
      if (length > maxLineBytes + (base === 0 && held[0] === 0xef ? 3 : 0)) {
        refused = true
        takeBlock(END)
        base -= 1
      }
    }
  }

  function finish(emitValue: (value: T) => void): void {
    emit = emitValue
    if (length > 0) takeBlock(END)
  }

  function start(): number {
    for (; knownLine < lines; knownLine++) known = block.indexOf(LF, known) + 1
    return base + known
  }

  function bytes(): Uint8Array {
    start()
    return block.subarray(known, block.indexOf(LF, known))
  }

  function fail(code: FramingErrorCode, state: string, text: string, cause?: Cause): false {
    const byteOffset = start()
    const excerpt = text.slice(0, 64)
    const message = `Cannot decode ${format} line ${lines} at byte ${byteOffset}: it is ${state}, found ${JSON.stringify(excerpt)}`
    const record = lines - splitter.blank
    report(new FramingError(code, message, { record, line: lines, byteOffset, excerpt, ...cause }))
    return false
  }

  /** Holds a copy, in a buffer that grows by doubling, so that the time is linear. */
  function hold(bytes: Uint8Array): void {
    const total = length + bytes.length
    if (total > held.length) {
      const grown = new Uint8Array(2 * total)
      grown.set(held)
      held = grown
    }
    held.set(bytes, length)
    length = total
  }

  /** Hands out the lines of a block, which begins with what is held: one of any length, or several. */
  function takeBlock(bytes: Uint8Array): void {
    block = bytes
    if (length > 0) {
      hold(bytes)
      block = held.subarray(0, length)
      if (held.length > 4 * PIECE_BYTES) held = NOTHING
      length = 0
    }
    const ended = bytes !== END
    let text = ""
    const decode = (): string => (text ||= utf8.decode(block))
    // A UTF-16 unit takes three bytes at most.
    const maxUnits = maxLineBytes / 3
    const values = ended && takeAll?.(block, decode, maxUnits)
    if (values) {
      lines += values.length
      if (emit.all) emit.all(values)
      else for (const value of values) emit(value)
    } else {
      // What has a U+FFFD may have been replaced. On one platform `includes` takes ten times as long
      // as `indexOf`, twice as long as to decode.
      const sure = decode().indexOf("\ufffd") !== -1 && fatal ? 0 : maxUnits
      let at = base === 0 && text[0] === "\ufeff" ? 1 : 0
      known = 3 * at
      knownLine = lines + 1
      for (let lf: number; (lf = text.indexOf("\n", at)) !== -1; at = lf + 1) {
        lines += 1
        const line = text.slice(at, lf)
        if ((line || ended) && (line.length <= sure || isGood(line))) take(line, ended, emit)
      }
    }
    base += block.length
    // It may be as long as a line or a chunk can be.
    block = NOTHING
  }

  /** Whether the bytes of the current line are good; reports it if not. */
  function isGood(text: string): boolean {
    const line = bytes()
    const fits = line.length <= maxLineBytes
    let within = text.slice(0, text.indexOf("\ufffd"))
    try {
      // A character that the limit cuts is no fault of the line.
      const decoder = new TextDecoder("utf-8", { fatal, ignoreBOM: true })
      within = decoder.decode(line.subarray(0, maxLineBytes), { stream: !fits })
    } catch (cause) {
      return fail("INVALID_UTF8", "not UTF-8; fatal: false allows it", within, { cause })
    }
    return fits || fail("LINE_TOO_LONG", "longer than maxLineBytes", within)
  }
}

import type { FramingErrorCode } from "./framing-error.ts"
import { TextCarry } from "./text-carry.ts"
import { join, Utf8Decoder } from "./utf8-decoder.ts"
import { validStart } from "./valid-utf8.ts"

/** Takes what a {@link LineSplitter} finds, in order. */
export interface LineSink {
  /** One line, without its line feed. */
  line(text: string): void
  /** A line that can not be given, with the start of its text. It counts as a line. */
  bad(code: FramingErrorCode, start: string, cause: unknown): void
}

const LF = 10
const NOTHING = new Uint8Array(0)
/** Longer chunks are decoded in pieces of this size, so that their text stays in the cache. */
const PIECE_BYTES = 65_536
const EXCERPT_BYTES = 256

/**
 * Cuts UTF-8 bytes into lines at LF, in linear time, and knows where each one is.
 *
 * A piece is decoded at once and scanned by `indexOf`; an unfinished line is carried as text.
 * Positions are counted on the bytes of the piece, and only when somebody asks.
 */
export class LineSplitter {
  readonly #maxLineBytes: number
  readonly #sink: LineSink
  readonly #utf8: Utf8Decoder
  /** How many lines were handed out, the current one included. */
  lines = 0
  /** Where in the stream the current piece begins, and the line that is unfinished before it. */
  #base = 0
  #lineStart = 0
  /** The unfinished line. */
  readonly #carry = new TextCarry()
  /** Whether the rest of the current line was refused already. */
  #discarding = false
  /** The current piece, and a known place in it: how many lines end before which byte. */
  #piece: Uint8Array = NOTHING
  #pieceLines = 0
  #placeLines = 0
  #placeByte = 0

  constructor(sink: LineSink, maxLineBytes: number, fatal: boolean) {
    this.#sink = sink
    this.#maxLineBytes = maxLineBytes
    this.#utf8 = new Utf8Decoder(fatal)
  }

  push(chunk: Uint8Array): void {
    if (chunk.length <= PIECE_BYTES) this.#push(chunk)
    else
      for (let at = 0; at < chunk.length; at += PIECE_BYTES)
        this.#push(chunk.subarray(at, at + PIECE_BYTES))
  }

  /** Ends the input and gives the last line when it has no line feed; it counts as a line. */
  finish(): string | undefined {
    if (this.#discarding) return undefined
    this.#enter(NOTHING)
    let text: string
    try {
      text = this.#utf8.finish()
    } catch (cause) {
      this.#bad("INVALID_UTF8", this.#carry.take(""), cause)
      return undefined
    }
    const line = this.#carry.take(text)
    if (line === "") return undefined
    this.lines += 1
    return line
  }

  /** Where the current line begins, in bytes from the start of the stream. */
  start(): number {
    const before = this.lines - this.#pieceLines - 1
    if (before <= 0) return this.#lineStart
    this.#goTo(before)
    return this.#base + this.#placeByte
  }

  #push(bytes: Uint8Array): void {
    if (this.#discarding) {
      const end = bytes.indexOf(LF) + 1
      this.#base += end === 0 ? bytes.length : end
      if (end === 0) return
      this.#discarding = false
      this.#lineStart = this.#base
      bytes = bytes.subarray(end)
    }
    this.#enter(bytes)
    let text: string | undefined
    try {
      text = this.#utf8.decode(bytes)
    } catch {
      // Decoding line by line finds the bad line and reports it with its cause.
    }
    if (text === undefined) this.#eachLine(bytes)
    else this.#text(text, bytes)
    this.#base += bytes.length
    this.#piece = NOTHING
  }

  #enter(bytes: Uint8Array): void {
    this.#piece = bytes
    this.#pieceLines = this.lines
    this.#placeLines = 0
    this.#placeByte = 0
  }

  /** Hands out the lines of a piece that is good UTF-8: the fast path. */
  #text(text: string, bytes: Uint8Array): void {
    const end = this.#base + bytes.length
    if (this.#lineStart < this.#utf8.bomBytes) this.#lineStart = this.#utf8.bomBytes
    let lf = text.indexOf("\n")
    if (lf === -1) {
      this.#hold(text, end)
      return
    }
    const limit = this.#maxLineBytes
    const limited = end - this.#lineStart > limit
    const safeUnits = limited ? limit / 3 : Number.POSITIVE_INFINITY
    const first = this.#carry.take(text.slice(0, lf))
    if (limited && this.#nextLineBytes() > limit) this.#bad("LINE_TOO_LONG", first, undefined)
    else this.#line(first)
    let start = lf + 1
    lf = text.indexOf("\n", start)
    while (lf !== -1) {
      const line = text.slice(start, lf)
      if (line.length > safeUnits && this.#nextLineBytes() > limit)
        this.#bad("LINE_TOO_LONG", line, undefined)
      else this.#line(line)
      start = lf + 1
      lf = text.indexOf("\n", start)
    }
    this.#lineStart = this.#base + bytes.lastIndexOf(LF) + 1
    this.#pieceLines = this.lines
    if (this.#lineStart !== end) this.#hold(text.slice(start), end)
  }

  /** Decodes a piece line by line, so that invalid UTF-8 spoils only its own line. */
  #eachLine(bytes: Uint8Array): void {
    const held = this.#utf8.release()
    const all = held === undefined ? bytes : join(held, bytes)
    const base = this.#base - (all.length - bytes.length)
    if (base === 0 && all[0] === 0xef && all[1] === 0xbb && all[2] === 0xbf) this.#lineStart = 3
    for (let at = 0; at < all.length; ) {
      const lf = all.indexOf(LF, at)
      const end = lf === -1 ? all.length : lf
      this.#pieceLines = this.lines
      this.#slowLine(all.subarray(at, end), base + at, lf !== -1)
      at = end + 1
    }
    this.#pieceLines = this.lines
  }

  #slowLine(bytes: Uint8Array, offset: number, ended: boolean): void {
    const room = this.#maxLineBytes - (offset - this.#lineStart)
    const fits = bytes.length <= room
    let text: string | undefined
    let cause: unknown
    try {
      text = this.#utf8.decode(fits ? bytes : bytes.subarray(0, room))
      if (ended && fits) text += this.#utf8.finish()
    } catch (reason) {
      text = undefined
      cause = reason
    }
    if (text !== undefined && fits && !ended) {
      this.#carry.add(text)
      return
    }
    this.#utf8.discard()
    if (text === undefined)
      this.#bad(
        "INVALID_UTF8",
        this.#carry.take(validStart(bytes.subarray(0, EXCERPT_BYTES))),
        cause,
      )
    else if (!fits) this.#bad("LINE_TOO_LONG", this.#carry.take(text), undefined)
    else this.#line(this.#carry.take(text))
    this.#discarding = !ended
    if (ended) this.#lineStart = offset + bytes.length + 1
  }

  #line(text: string): void {
    this.lines += 1
    this.#sink.line(text)
  }

  #bad(code: FramingErrorCode, start: string, cause: unknown): void {
    this.lines += 1
    this.#sink.bad(code, start, cause)
  }

  /** Carries the unfinished line, up to the limit. */
  #hold(text: string, end: number): void {
    if (end - this.#lineStart > this.#maxLineBytes) {
      this.#discarding = true
      this.#utf8.discard()
      this.#bad("LINE_TOO_LONG", this.#carry.take(text), undefined)
    } else this.#carry.add(text)
  }

  /** Counts the bytes of the line that is about to be handed out. */
  #nextLineBytes(): number {
    const before = this.lines - this.#pieceLines
    this.#goTo(before)
    const start = before === 0 ? this.#lineStart : this.#base + this.#placeByte
    return this.#base + this.#piece.indexOf(LF, this.#placeByte) - start
  }

  /** Moves the known place forward to where `lines` lines of the piece have ended. */
  #goTo(lines: number): void {
    while (this.#placeLines < lines) {
      this.#placeByte = this.#piece.indexOf(LF, this.#placeByte) + 1
      this.#placeLines += 1
    }
  }
}

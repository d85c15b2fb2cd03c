import { ByteCollector } from "./byte-collector.ts"
import type { FramingErrorCode } from "./framing-error.ts"

/** Takes what a {@link LineSplitter} finds, in order. */
export interface LineSink {
  /** One line, without its line feed. */
  line(text: string): void
  /** A line that can not be given, with the start of its text. It counts as a line. */
  bad(code: FramingErrorCode, start: string, cause: unknown): void
}

const LF = 10
const BOM = [0xef, 0xbb, 0xbf]
/** Longer chunks are decoded in pieces of this size, so that their text stays in the cache. */
const PIECE_BYTES = 65_536
const EXCERPT_BYTES = 256

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true })

/**
 * Cuts UTF-8 bytes into lines at LF, in linear time, and knows where each one is.
 *
 * A block of whole lines is decoded at once, so no character is ever cut, and scanned by `indexOf`;
 * an unfinished line is held as bytes. Positions are counted on the bytes of the block, and only
 * when somebody asks.
 */
export class LineSplitter {
  readonly #sink: LineSink
  readonly #maxLineBytes: number
  readonly #fatal: boolean
  /** No line inside a piece can be over the limit. */
  readonly #pieceBytes: number
  /** How many lines were handed out, the current one included. */
  lines = 0
  #state: "begin" | "line" | "refused" = "begin"
  /** The unfinished line. */
  readonly #held = new ByteCollector()
  /** The current block of lines, and where in the stream it begins. */
  #block: Uint8Array = new Uint8Array(0)
  #base = 0
  /** A known place: so many lines end before this byte of the stream. */
  #placeLines = 0
  #placeByte = 0

  constructor(sink: LineSink, maxLineBytes: number, fatal: boolean) {
    this.#sink = sink
    this.#maxLineBytes = maxLineBytes
    this.#fatal = fatal
    this.#pieceBytes = Math.min(maxLineBytes, PIECE_BYTES)
  }

  push(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length; at += this.#pieceBytes)
      this.#push(chunk.subarray(at, at + this.#pieceBytes))
  }

  /** Ends the input and gives the last line when it has no line feed; it counts as a line. */
  finish(): string | undefined {
    return this.#held.length > 0 ? this.#decode(this.#held.take()) : undefined
  }

  /** Where the current line begins, in bytes from the start of the stream. */
  start(): number {
    for (; this.#placeLines < this.lines - 1; this.#placeLines++)
      this.#placeByte = this.#base + this.#block.indexOf(LF, this.#placeByte - this.#base) + 1
    return this.#placeByte
  }

  #push(piece: Uint8Array): void {
    let bytes = piece
    if (this.#state === "begin") {
      bytes = this.#join(bytes)
      const bom = BOM.every((byte, at) => (bytes[at] ?? byte) === byte)
      if (bom && bytes.length < BOM.length) {
        this.#held.add(bytes)
        return
      }
      this.#state = "line"
      if (bom) this.#placeByte = BOM.length
      if (bom) bytes = bytes.subarray(BOM.length)
    }
    const refused = this.#state === "refused"
    if (refused || this.#held.length > 0) {
      const first = bytes.indexOf(LF) + 1
      if (refused) this.#placeByte += first || bytes.length
      else if (first > 0) this.#lines(this.#join(bytes.subarray(0, first)))
      if (first > 0) this.#state = "line"
      else if (refused) return
      bytes = bytes.subarray(first)
    }
    const end = bytes.lastIndexOf(LF) + 1
    if (end > 0) this.#lines(bytes.subarray(0, end))
    this.#hold(bytes.subarray(end))
  }

  /** Takes what is held, followed by `bytes`. */
  #join(bytes: Uint8Array): Uint8Array {
    this.#held.add(bytes)
    return this.#held.take()
  }

  /** Holds the start of a line, up to the limit. */
  #hold(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#held.add(bytes)
    if (this.#held.length <= this.#maxLineBytes) return
    const line = this.#held.take()
    this.#state = "refused"
    this.#decode(line)
    this.#placeLines = this.lines
    this.#placeByte += line.length
  }

  /** Hands out the lines of a block: one line of any length, or several within the limit. */
  #lines(block: Uint8Array): void {
    this.#block = block
    this.#base = this.#placeByte
    const text = block.length > this.#maxLineBytes + 1 ? undefined : utf8.decode(block)
    // What has a U+FFFD may have been replaced: a look at each line says so, and in which.
    if (text === undefined || (this.#fatal && text.includes("\ufffd"))) {
      for (let at = 0, lf = block.indexOf(LF); lf !== -1; lf = block.indexOf(LF, at)) {
        const line = this.#decode(block.subarray(at, lf))
        if (line !== undefined) this.#sink.line(line)
        at = lf + 1
      }
    } else {
      for (let at = 0, lf = text.indexOf("\n"); lf !== -1; lf = text.indexOf("\n", at)) {
        this.lines += 1
        this.#sink.line(text.slice(at, lf))
        at = lf + 1
      }
    }
    this.#placeLines = this.lines
    this.#placeByte = this.#base + block.length
  }

  /** Counts and decodes one line, or reports what is wrong with it. */
  #decode(line: Uint8Array): string | undefined {
    this.lines += 1
    const fits = line.length <= this.#maxLineBytes
    const bytes = fits ? line : line.subarray(0, this.#maxLineBytes)
    let code: FramingErrorCode = "LINE_TOO_LONG"
    let cause: unknown
    try {
      // A character that the limit cuts is no fault of the line.
      if (this.#fatal) new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: !fits })
      if (fits) return utf8.decode(bytes)
    } catch (reason) {
      code = "INVALID_UTF8"
      cause = reason
    }
    const start = utf8.decode(bytes.subarray(0, EXCERPT_BYTES))
    this.#sink.bad(code, start.replace(/\ufffd[^]*/, ""), cause)
    return undefined
  }
}

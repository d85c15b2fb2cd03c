import { checkLimit } from "@bellmouth/core"
import { FramingError, type FramingErrorCode } from "../framing-error.ts"
import { ByteCollector } from "../transformers/byte-collector.ts"
import type { IncrementalDecoder } from "../transformers/incremental-decoder.ts"
import { plainBytes } from "../transformers/plain-bytes.ts"

/**
 * How a {@link ByteLineDecoder} reads.
 *
 * @example Limit a line
 * ```ts
 * import assert from "node:assert/strict"
 * import { type ByteLineDecoderOptions, decodeByteLines } from "@bellmouth/framing"
 *
 * const options: ByteLineDecoderOptions = { maxLineBytes: 2 }
 * const bytes = Uint8Array.of(1, 10, 1, 2, 3, 10)
 * assert.throws(() => decodeByteLines(bytes, options), { code: "LINE_TOO_LONG", byteOffset: 2 })
 * ```
 */
export interface ByteLineDecoderOptions {
  /**
   * The most bytes of one line without its line feed; default 1,048,576. A longer line is a
   * `LINE_TOO_LONG` error as soon as the byte past the limit is seen. `Infinity` switches it off.
   */
  readonly maxLineBytes?: number | undefined
  /** Whether a last line without line feed is an `UNTERMINATED` error; default `false`. */
  readonly requireFinalNewline?: boolean | undefined
}

const LF = 10
const CR = 13
const EXCERPT_BYTES = 64

/**
 * Decodes bytes into lines of bytes, without their LF or CRLF; what the bytes mean is not looked at.
 *
 * A line that lies in one chunk is a view of that chunk, so the chunk passes to the decoder: it
 * must not be reused. A line that was cut is a fresh copy. What is held is one unfinished line.
 * Throws a {@link FramingError} with `line`, `record` (the same number), `byteOffset` and `excerpt`,
 * after all earlier lines.
 *
 * @example Cut a log into lines without decoding them
 * ```ts
 * import assert from "node:assert/strict"
 * import { ByteLineDecoder } from "@bellmouth/framing"
 *
 * const lines: Uint8Array[] = []
 * const keep = (line: Uint8Array) => lines.push(line)
 * const decoder = new ByteLineDecoder()
 * decoder.push(Uint8Array.of(1, 2, 10, 3), keep)
 * decoder.push(Uint8Array.of(4, 13, 10), keep)
 * decoder.finish(keep)
 * assert.deepEqual(lines, [Uint8Array.of(1, 2), Uint8Array.of(3, 4)])
 * ```
 */
export class ByteLineDecoder implements IncrementalDecoder<Uint8Array> {
  readonly #maxLineBytes: number
  readonly #requireFinalNewline: boolean
  readonly #held = new ByteCollector()
  #lines = 0
  /** Bytes of the stream before the current line. */
  #start = 0

  constructor(options: ByteLineDecoderOptions = {}) {
    this.#maxLineBytes = checkLimit("maxLineBytes", options.maxLineBytes ?? 1_048_576)
    this.#requireFinalNewline = options.requireFinalNewline ?? false
  }

  /** Takes one chunk and emits every line that it completes. */
  push(chunk: Uint8Array, emit: (line: Uint8Array) => void): void {
    const bytes = plainBytes(chunk)
    let at = 0
    for (let lf = bytes.indexOf(LF); lf !== -1; lf = bytes.indexOf(LF, at)) {
      this.#check(lf - at, bytes, at)
      const part = bytes.subarray(at, lf)
      at = lf + 1
      this.#line(part, 1, emit)
    }
    if (at === bytes.length) return
    this.#check(bytes.length - at, bytes, at)
    this.#held.add(bytes.subarray(at))
  }

  /** Says that no chunk follows: gives or refuses a last line that has no line feed. */
  finish(emit: (line: Uint8Array) => void): void {
    if (this.#held.length === 0) return
    if (this.#requireFinalNewline) throw this.#error("UNTERMINATED", "not ended by a line feed")
    this.#line(new Uint8Array(0), 0, emit)
  }

  #line(part: Uint8Array, ended: number, emit: (line: Uint8Array) => void): void {
    let line = part
    if (this.#held.length > 0) {
      this.#held.add(part)
      line = this.#held.take()
    }
    this.#lines += 1
    this.#start += line.length + ended
    emit(ended === 1 && line[line.length - 1] === CR ? line.subarray(0, -1) : line)
  }

  #check(bytes: number, chunk: Uint8Array, at: number): void {
    if (this.#held.length + bytes <= this.#maxLineBytes) return
    this.#held.add(chunk.subarray(at, at + EXCERPT_BYTES))
    const state = `longer than maxLineBytes (${this.#maxLineBytes}); raise the limit if it is expected`
    throw this.#error("LINE_TOO_LONG", state)
  }

  #error(code: FramingErrorCode, state: string): Error {
    // Past the limit may be another line, or nothing yet; and a cut character is none.
    const within = this.#held.take().subarray(0, Math.min(EXCERPT_BYTES, this.#maxLineBytes))
    const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(within, { stream: true })
    const line = this.#lines + 1
    const byteOffset = this.#start
    const message = `Cannot decode bytes line ${line} at byte ${byteOffset}: it is ${state}, found ${JSON.stringify(text)}`
    return new FramingError(code, message, { record: line, line, byteOffset, excerpt: text })
  }
}

import { checkBytes, checkLimit } from "@bellmouth/core"
import { excerptOf } from "../excerpt.ts"
import { FramingError } from "../framing-error.ts"
import type { IncrementalDecoder } from "../transformers/incremental-decoder.ts"
import { flatten } from "../utf8/flat-text.ts"
import { Utf8Decoder } from "../utf8/utf8-decoder.ts"
import { type LineState, SseBlock } from "./sse-block.ts"
import type { SseEvent } from "./sse-event.ts"

/**
 * How an {@link SseDecoder} reads.
 *
 * @example See comments and retry
 * ```ts
 * import assert from "node:assert/strict"
 * import { decodeSse, type SseDecoderOptions } from "@bellmouth/framing"
 *
 * const seen: unknown[] = []
 * const options: SseDecoderOptions = {
 *   onComment: (comment) => seen.push(comment),
 *   onRetry: (milliseconds) => seen.push(milliseconds),
 * }
 * decodeSse(new TextEncoder().encode(": heartbeat\nretry: 3000\n\n"), options)
 * assert.deepEqual(seen, ["heartbeat", 3000])
 * ```
 */
export interface SseDecoderOptions {
  /**
   * The most bytes of one event: its `data`, `event`, `id` and `retry` lines without line ends;
   * default 1,048,576. A sequence that is not UTF-8 counts as its U+FFFD. A larger event is an `EVENT_TOO_LARGE` error as soon as the byte past the
   * limit is seen. `Infinity` switches it off. Comments count only where `onComment` is given, and
   * only while unfinished; unknown fields are not kept and do not count.
   */
  readonly maxEventBytes?: number | undefined
  /** The last event id to begin with, as after a reconnection; default `""`. */
  readonly lastEventId?: string | undefined
  /** Called with each comment, without its colon and one space. */
  readonly onComment?: ((comment: string) => void) | undefined
  /** Called with each valid `retry` field, in milliseconds; it may be any size. */
  readonly onRetry?: ((milliseconds: number) => void) | undefined
}

const PIECE_BYTES = 65_536
/** Fewer take little, and most lines come in one or two. */
const LEAST_PARTS = 512
const LF = 10
const CR = 13

/**
 * Decodes server-sent events as the HTML standard says: bytes in, events out.
 *
 * Lines end with CRLF, CR or LF; one leading BOM is removed; invalid UTF-8 becomes U+FFFD; an event
 * without its blank line at the end of the input is discarded, and its id with it. What is held
 * between chunks is one unfinished event, at most `maxEventBytes`.
 *
 * Throws a {@link FramingError} with code `EVENT_TOO_LARGE`, after every earlier event was emitted.
 *
 * Source: HTML, section 9.2.6.
 *
 * @example Decode an event that comes in two chunks
 * ```ts
 * import assert from "node:assert/strict"
 * import { SseDecoder, type SseEvent } from "@bellmouth/framing"
 *
 * const events: SseEvent[] = []
 * const keep = (event: SseEvent) => events.push(event)
 * const decoder = new SseDecoder()
 * decoder.push(new TextEncoder().encode("event: add\nid: 7\nda"), keep)
 * decoder.push(new TextEncoder().encode("ta: 73857293\n\n"), keep)
 * decoder.finish()
 * assert.deepEqual(events, [{ type: "add", data: "73857293", lastEventId: "7" }])
 * assert.equal(decoder.lastEventId, "7")
 * ```
 */
export class SseDecoder implements IncrementalDecoder<SseEvent> {
  readonly #maxEventBytes: number
  readonly #block: SseBlock
  readonly #utf8 = new Utf8Decoder(false)
  #reconnectionTime: number | undefined
  /** The line that has no end yet, as far as it is kept, and where it begins in the stream. */
  #held = ""
  #state: LineState = "unknown"
  #lineStart = 0
  /** How many parts were held since what is held was in one piece, if any. */
  #parts = 0
  /** Bytes of the stream so far, and whether the last one was a CR. */
  #read = 0
  #afterCr = false

  constructor(options: SseDecoderOptions = {}) {
    this.#maxEventBytes = checkLimit("maxEventBytes", options.maxEventBytes ?? 1_048_576)
    const sink = {
      comment: options.onComment,
      retry: (milliseconds: number) => {
        this.#reconnectionTime = milliseconds
        options.onRetry?.(milliseconds)
      },
    }
    this.#block = new SseBlock(sink, this.#maxEventBytes, options.lastEventId ?? "")
  }

  /** The id that a reconnection would resume after: the last one that a blank line confirmed. */
  get lastEventId(): string {
    return this.#block.lastEventId
  }

  /** The last `retry` value in milliseconds, `undefined` until there was one. */
  get reconnectionTime(): number | undefined {
    return this.#reconnectionTime
  }

  /** Takes one chunk and emits every event that it completes. */
  push(chunk: Uint8Array, emit: (event: SseEvent) => void): void {
    checkBytes("decode", chunk)
    this.#block.emit = emit
    if (chunk.length <= PIECE_BYTES) this.#push(chunk)
    else
      for (let at = 0; at < chunk.length; at += PIECE_BYTES)
        this.#push(chunk.subarray(at, at + PIECE_BYTES))
  }

  /** Says that no chunk follows: an event that is not complete is discarded. */
  finish(): void {
    this.#utf8.release()
    this.#held = ""
    this.#block.discard()
  }

  #push(bytes: Uint8Array): void {
    const text = this.#utf8.decode(bytes)
    this.#lineStart ||= this.#utf8.bomBytes
    let first = 0
    if (this.#afterCr && text !== "") {
      this.#afterCr = false
      if (text.charCodeAt(0) === LF) {
        first = 1
        this.#lineStart += 1
      }
    }
    let at = first
    const cr = find(text, "\r", at)
    const isOpen = this.#held !== "" || this.#state === "skipped"
    if (isOpen || cr < text.length) at = this.#takeLines(text, at, cr, isOpen)
    if (at >= 0) at = this.#block.takeAll(text, at)
    if (at < 0) throw this.#tooLargeAt(bytes, text, ~at, first)
    this.#read += bytes.length
    if (at > 0) {
      // No unit takes less than a byte. Whoever was called may have changed or transferred them all.
      let rest = text.length - at
      while (rest < bytes.length && !isLineEnd(bytes[bytes.length - 1 - rest])) rest++
      this.#lineStart = this.#read - rest
    }
    if (at < text.length && this.#state !== "skipped") this.#hold(text, at)
  }

  /**
   * Takes lines one by one, the first of which may be open, until LF ends all that follow. Gives
   * where they begin, or the complement of where one does that takes the event past its limit.
   */
  #takeLines(text: string, from: number, firstCr: number, isOpen: boolean): number {
    let at = from
    let cr = firstCr
    let lf = -1
    for (let open = isOpen; open || cr < text.length; open = false) {
      if (lf < at) lf = find(text, "\n", at)
      const end = lf < cr ? lf : cr
      if (end === text.length) break
      if (open) this.#takeOpen(text.slice(at, end))
      else if (!this.#block.take(text, at, end)) return ~at
      at = end + 1
      if (end === cr) {
        this.#afterCr = at === text.length
        if (text.charCodeAt(at) === LF) at += 1
        cr = find(text, "\r", at)
      }
    }
    return at
  }

  /** Takes the line that had no end, or skips the last of it. */
  #takeOpen(part: string): void {
    const held = this.#held
    const kept = this.#state !== "skipped"
    this.#held = ""
    this.#state = "unknown"
    if (kept && !this.#block.takeParts(held, part)) throw this.#tooLarge(held + part)
  }

  /** Holds the end of a text, a part of a line, where it may be of a field that is asked for. */
  #hold(text: string, at: number): void {
    const part = text.slice(at)
    const isFirst = this.#held === ""
    this.#held += part
    if (++this.#parts >= LEAST_PARTS) this.#parts = flatten(this.#held, this.#parts)
    // Once the field is seen, the line is not looked at again before it ends: that would join it.
    if (this.#state === "unknown") {
      this.#state = isFirst ? this.#block.stateOf(text, at) : this.#block.stateOf(this.#held, 0)
      if (this.#state === "skipped") {
        this.#held = ""
        return
      }
    }
    if (!this.#block.fits(this.#held, part)) throw this.#tooLarge(this.#held)
  }

  /** Refuses the line at a place of a text that was decoded from these bytes. */
  #tooLargeAt(bytes: Uint8Array, text: string, at: number, first: number): FramingError {
    if (at !== first) this.#lineStart = this.#read + lengthOfLines(bytes, text.slice(0, at))
    return this.#tooLarge(
      text
        .slice(at)
        .split(/[\r\n]/, 1)
        .join(),
    )
  }

  #tooLarge(line: string): FramingError {
    const byteOffset = this.#lineStart
    const record = this.#block.events + 1
    // The field is always shown: a line counts from there on.
    const excerpt = excerptOf(line, Math.max(this.#block.left, line.indexOf(":") + 1))
    this.finish()
    return new FramingError(
      "EVENT_TOO_LARGE",
      `Cannot decode SSE event ${record}: the line at byte ${byteOffset} takes it past maxEventBytes (${this.#maxEventBytes}); raise the limit if it is expected, found ${JSON.stringify(excerpt)}`,
      { record, byteOffset, excerpt },
    )
  }
}

/** Finds a line end, or the end of the text. */
function find(text: string, end: string, from: number): number {
  const at = text.indexOf(end, from)
  return at === -1 ? text.length : at
}

/** Finds the byte after as many CRs and LFs as the lines have: no other byte decodes to those. */
function lengthOfLines(bytes: Uint8Array, lines: string): number {
  let left = lines.split(/[\r\n]/).length - 1
  let at = 0
  for (; left > 0 && at < bytes.length; at++) if (isLineEnd(bytes[at])) left -= 1
  return at
}

function isLineEnd(byte: number | undefined): boolean {
  return byte === LF || byte === CR
}

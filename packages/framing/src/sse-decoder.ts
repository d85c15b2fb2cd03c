import { createParser, type EventSourceParser } from "eventsource-parser"
import { assertBytes } from "./assert-bytes.ts"
import { checkLimit } from "./check-limit.ts"
import { FramingError } from "./framing-error.ts"
import type { IncrementalDecoder } from "./incremental-decoder.ts"
import type { SseEvent } from "./sse-event.ts"
import { SseEventSize } from "./sse-event-size.ts"
import { Utf8Decoder } from "./utf8-decoder.ts"
import { utf8Length } from "./utf8-length.ts"

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
/** So many short texts are measured before more are kept. */
const MOST_UNMEASURED = 1024

/**
 * Decodes server-sent events as the HTML standard says: bytes in, events out.
 *
 * Lines end with CRLF, CR or LF; one leading BOM is removed; invalid UTF-8 becomes U+FFFD; an event
 * without its blank line at the end of the input is discarded, and its id with it. What is held
 * between chunks is one unfinished event, at most `maxEventBytes`, and as much text again.
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
  readonly #utf8 = new Utf8Decoder(false)
  readonly #parser: EventSourceParser
  readonly #maxEventBytes: number
  readonly #comments: boolean
  #emit: (event: SseEvent) => void = ignore
  #lastEventId: string
  #reconnectionTime: number | undefined
  #events = 0
  /** Bytes of the stream before the current piece. */
  #base = 0
  /** The measure of the unfinished event, as far as it was needed. */
  #size: SseEventSize
  /** The text that was not measured yet, three times its units, and where it begins. */
  #unmeasured: string[] = []
  #unmeasuredMost = 0
  #unmeasuredStart = 0
  /** Where the line that was measured last begins in the stream. */
  #lineStart = 0
  /** Whether the text that was not measured begins with the end of an event. */
  #restart = true

  constructor(options: SseDecoderOptions = {}) {
    this.#maxEventBytes = checkLimit("maxEventBytes", options.maxEventBytes, 1_048_576)
    this.#lastEventId = options.lastEventId ?? ""
    this.#comments = options.onComment !== undefined
    this.#size = new SseEventSize(this.#maxEventBytes, this.#comments)
    const { onComment, onRetry } = options
    this.#parser = createParser({
      onComment,
      onId: (id) => {
        this.#lastEventId = id
      },
      onEvent: ({ event, data }) => {
        this.#events += 1
        this.#emit({ type: event ?? "message", data, lastEventId: this.#lastEventId })
      },
      onRetry: (milliseconds) => {
        this.#reconnectionTime = milliseconds
        onRetry?.(milliseconds)
      },
    })
    // The parser would also remove a BOM, and the text U+00EF U+00BB U+00BF. A blank line ends its
    // search and means nothing else.
    this.#parser.feed("\n")
  }

  /** The id that a reconnection would resume after: the last one that a blank line confirmed. */
  get lastEventId(): string {
    return this.#lastEventId
  }

  /** The last `retry` value in milliseconds, `undefined` until there was one. */
  get reconnectionTime(): number | undefined {
    return this.#reconnectionTime
  }

  /** Takes one chunk and emits every event that it completes. */
  push(chunk: Uint8Array, emit: (event: SseEvent) => void): void {
    assertBytes(chunk)
    this.#emit = emit
    if (chunk.length <= PIECE_BYTES) this.#push(chunk)
    else
      for (let at = 0; at < chunk.length; at += PIECE_BYTES)
        this.#push(chunk.subarray(at, at + PIECE_BYTES))
  }

  /** Says that no chunk follows: an event that is not complete is discarded. */
  finish(): void {
    this.#parser.reset()
    this.#utf8.release()
    this.#unmeasured = []
  }

  #push(bytes: Uint8Array): void {
    const base = this.#base
    const start = base - this.#utf8.heldBytes
    this.#base += bytes.length
    const text = this.#utf8.decode(bytes)
    if (text === "") return
    if (this.#maxEventBytes === Number.POSITIVE_INFINITY) {
      this.#parser.feed(text)
      return
    }
    const most = text.length * 3
    const held = this.#unmeasuredMost + (this.#restart ? 0 : this.#size.most)
    const long = held + most > this.#maxEventBytes || this.#unmeasured.length === MOST_UNMEASURED
    if (long || text.includes("\ufffd")) {
      this.#measure(text, bytes, base, start)
      return
    }
    const events = this.#events
    this.#parser.feed(text)
    if (events !== this.#events) {
      // Where the last event ended is not known, only that it did so in this text.
      this.#restart = true
      this.#unmeasuredMost = 0
      if (this.#unmeasured.length === 1) this.#unmeasured[0] = text
      else this.#unmeasured = [text]
    } else this.#unmeasured.push(text)
    this.#unmeasuredMost += most
    if (this.#unmeasured.length === 1)
      this.#unmeasuredStart = start === 0 ? this.#utf8.bomBytes : start
  }

  /** Feeds text of which a part might be too large an event: the slow path. */
  #measure(text: string, bytes: Uint8Array, base: number, start: number): void {
    if (this.#restart) this.#size = new SseEventSize(this.#maxEventBytes, this.#comments)
    this.#restart = false
    for (const earlier of this.#unmeasured) {
      this.#size.measure(earlier)
      const { lineIndex } = this.#size
      if (lineIndex !== -1)
        this.#lineStart = this.#unmeasuredStart + utf8Length(earlier.slice(0, lineIndex))
      this.#unmeasuredStart += utf8Length(earlier)
    }
    this.#unmeasured.length = 0
    this.#unmeasuredMost = 0
    const large = this.#size.measure(text)
    const { lineIndex } = this.#size
    if (lineIndex > 0) this.#lineStart = base + byteAfterLines(bytes, text.slice(0, lineIndex))
    else if (lineIndex === 0) this.#lineStart = start === 0 ? this.#utf8.bomBytes : start
    this.#parser.feed(large ? text.slice(0, Math.max(lineIndex, 0)) : text)
    if (large) throw this.#tooLarge()
  }

  #tooLarge(): FramingError {
    const byteOffset = this.#lineStart
    const record = this.#events + 1
    const excerpt = this.#size.lineText
    return new FramingError(
      "EVENT_TOO_LARGE",
      `Cannot decode SSE event ${record}: the line at byte ${byteOffset} takes it past maxEventBytes (${this.#maxEventBytes}); raise the limit if it is expected, found ${JSON.stringify(excerpt)}`,
      { record, byteOffset, excerpt },
    )
  }
}

/** Finds the byte after as many CRs and LFs as the lines have: no other byte decodes to those. */
function byteAfterLines(bytes: Uint8Array, lines: string): number {
  let left = lines.split(/[\r\n]/).length - 1
  let at = 0
  for (; left > 0; at++) if (bytes[at] === 10 || bytes[at] === 13) left -= 1
  return at
}

function ignore(): void {}

import { utf8Length } from "./utf8-length.ts"

const FIELD = /^(?:data|event|id|retry)(?::|$)/
/** Enough to tell a field by, and to show in an error. */
const PREFIX_UNITS = 64
const LONGEST_FIELD = 6

/**
 * Measures the unfinished event of an event stream: the bytes of its `data`, `event`, `id` and
 * `retry` lines, without line ends. A comment counts while its line is unfinished, where comments
 * are asked for; unknown fields never count, since a parser does not keep them.
 */
export class SseEventSize {
  readonly #max: number
  readonly #comments: boolean
  /** Bytes of the event's finished lines, and of the unfinished one. */
  #finished = 0
  #line = 0
  /** The first units of the unfinished line, and what they show it to be. */
  #prefix = ""
  #kind: "unknown" | "field" | "comment" | "ignored" = "unknown"
  #afterCr = false
  /** Where in the stream the unfinished line and the next text begin. */
  #lineStart: number
  #offset: number

  constructor(max: number, comments: boolean, offset: number) {
    this.#max = max
    this.#comments = comments
    this.#lineStart = offset
    this.#offset = offset
  }

  /** The most that the event may be found to hold so far. */
  get bytes(): number {
    return this.#finished + (this.#kind === "unknown" ? this.#prefix.length : this.#line)
  }

  /** The start of the line that was measured last. */
  get lineText(): string {
    return this.#prefix
  }

  /** Where the line that was measured last begins, in bytes from the start of the stream. */
  get lineStart(): number {
    return this.#lineStart
  }

  /** Measures text; gives where the line begins in it that passes the limit, or -1. */
  measure(text: string): number {
    let at = 0
    if (this.#afterCr && text !== "") {
      this.#afterCr = false
      if (text.startsWith("\n")) {
        at = 1
        this.#offset += 1
        this.#lineStart += 1
      }
    }
    let cr = text.indexOf("\r", at)
    let lf = text.indexOf("\n", at)
    while (at < text.length) {
      const end = Math.min(cr === -1 ? text.length : cr, lf === -1 ? text.length : lf)
      const ended = end < text.length
      const bytes = this.#segment(text.slice(at, end), ended)
      if (this.#finished + this.#line > this.#max) return at
      if (!ended) {
        this.#offset += bytes
        break
      }
      this.#endLine()
      at = end + 1
      this.#afterCr = end === cr && at === text.length
      if (end === cr && text.charCodeAt(at) === 10) at += 1
      this.#offset += bytes + (at - end)
      this.#lineStart = this.#offset
      if (cr !== -1 && cr < at) cr = text.indexOf("\r", at)
      if (lf !== -1 && lf < at) lf = text.indexOf("\n", at)
    }
    return -1
  }

  #segment(segment: string, ended: boolean): number {
    const bytes = utf8Length(segment)
    const before = this.#prefix.length
    if (before < PREFIX_UNITS) this.#prefix += segment.slice(0, PREFIX_UNITS - before)
    if (this.#kind === "unknown") {
      this.#kind = this.#classify(ended)
      if (this.#kind === "field" || this.#kind === "comment") this.#line = before
    }
    if (this.#kind === "field" || this.#kind === "comment") this.#line += bytes
    return bytes
  }

  #classify(ended: boolean): "unknown" | "field" | "comment" | "ignored" {
    if (this.#prefix.startsWith(":")) return this.#comments ? "comment" : "ignored"
    if (this.#prefix.includes(":") || ended || this.#prefix.length >= LONGEST_FIELD)
      return FIELD.test(this.#prefix) ? "field" : "ignored"
    return "unknown"
  }

  #endLine(): void {
    if (this.#prefix === "") this.#finished = 0
    else if (this.#kind === "field") this.#finished += this.#line
    this.#line = 0
    this.#prefix = ""
    this.#kind = "unknown"
  }
}

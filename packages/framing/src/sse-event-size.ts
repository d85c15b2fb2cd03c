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
  #lineIndex = 0

  constructor(max: number, comments: boolean) {
    this.#max = max
    this.#comments = comments
  }

  /** The most that the event may be found to hold so far. */
  get most(): number {
    return this.#finished + (this.#kind === "unknown" ? this.#prefix.length : this.#line)
  }

  /** The start of the line that was measured last. */
  get lineText(): string {
    return this.#prefix
  }

  /** Where the line that was measured last begins in its text, or -1 when it began before. */
  get lineIndex(): number {
    return this.#lineIndex
  }

  /** Measures text, up to the line that passes the limit; says whether one did. */
  measure(text: string): boolean {
    let at = this.#afterCr && text.startsWith("\n") ? 1 : 0
    if (text !== "") this.#afterCr = false
    this.#lineIndex = this.#prefix === "" ? at : -1
    let cr = text.indexOf("\r", at)
    let lf = text.indexOf("\n", at)
    while (at < text.length) {
      const end = Math.min(cr === -1 ? text.length : cr, lf === -1 ? text.length : lf)
      this.#segment(text.slice(at, end), end < text.length)
      if (this.#finished + this.#line > this.#max) return true
      if (end === text.length) break
      this.#endLine()
      at = end + 1
      if (end === cr) {
        this.#afterCr = at === text.length
        if (text.charCodeAt(at) === 10) at += 1
      }
      this.#lineIndex = at
      if (cr !== -1 && cr < at) cr = text.indexOf("\r", at)
      if (lf !== -1 && lf < at) lf = text.indexOf("\n", at)
    }
    return false
  }

  #segment(segment: string, ended: boolean): void {
    const before = this.#prefix.length
    if (before < PREFIX_UNITS) this.#prefix += segment.slice(0, PREFIX_UNITS - before)
    if (this.#kind === "unknown") {
      this.#kind = this.#classify(ended)
      if (this.#kind === "field" || this.#kind === "comment") this.#line = before
    }
    if (this.#kind === "field" || this.#kind === "comment") this.#line += utf8Length(segment)
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

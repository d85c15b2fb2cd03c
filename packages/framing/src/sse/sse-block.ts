import { flatten } from "../utf8/flat-text.ts"
import { utf8Length } from "../utf8/utf8-length.ts"
import type { SseEvent } from "./sse-event.ts"

const LF = 10
const SPACE = 32
const COLON = 58

/** Where a block's results go, other than events. */
export interface SseSink {
  readonly comment: ((comment: string) => void) | undefined
  retry(milliseconds: number): void
}

/** What a line that has no end yet may be: a field that is asked for, or none. */
export type LineState = "unknown" | "kept" | "skipped"

/** The lines up to a blank one: the fields of an event, and what they take of its limit. */
export class SseBlock {
  readonly #sink: SseSink
  readonly #max: number
  #data: string | undefined
  /** How many lines were added to the data since it was in one piece. */
  #lines = 0
  #type = ""
  #id: string
  // Plain fields where every event passes: some engines take longer for private ones.
  /** The id that a blank line confirmed. */
  lastEventId: string
  /** How many events there were. */
  events = 0
  /** Where they go. */
  emit: (event: SseEvent) => void = ignore
  /**
   * The size of the lines: data in units, until three times that is over the limit; then its bytes
   * are counted, once, and those of later lines as they come.
   */
  #size = 0
  #counted = false
  /** The same of the line that has no end yet. */
  #open = 0

  constructor(sink: SseSink, max: number, lastEventId: string) {
    this.#sink = sink
    this.#max = max
    this.#id = lastEventId
    this.lastEventId = lastEventId
  }

  /** How many bytes of the limit the lines have left, once they are counted. */
  get left(): number {
    return this.#max - this.#size
  }

  /** Gives the name of the field that a text begins with, whole or as far as it goes. */
  #name(text: string, at: number): string | undefined {
    switch (text.charCodeAt(at)) {
      case 58:
        return this.#sink.comment && ""
      case 100:
        return "data"
      case 101:
        return "event"
      case 105:
        return "id"
      case 114:
        return "retry"
      default:
        return undefined
    }
  }

  /**
   * Takes the lines from a place on, where LF ends all of them. Gives where the unfinished one begins,
   * or, as its complement, where one does that takes the event past its limit.
   */
  takeAll(text: string, from: number): number {
    let at = from
    while (at < text.length) {
      const end = text.indexOf("\n", at)
      if (end === -1) break
      const isEvent = text.charCodeAt(end + 1) === LF && this.#size === 0
      if (isEvent && (end - at) * 3 <= this.#max && isData(text, at)) {
        // Most events are one line of data. This way nothing is stored for them.
        const data = text.slice(at + (text.charCodeAt(at + 5) === SPACE ? 6 : 5), end)
        this.events += 1
        this.emit({ type: "message", data, lastEventId: this.lastEventId })
        at = end + 2
      } else if (this.take(text, at, end)) at = end + 1
      else return ~at
    }
    return at
  }

  /** Takes the line between two places of a text; says whether the event is within its limit. */
  take(text: string, at: number, end: number): boolean {
    if (at === end) return this.#end()
    const size = this.#size + end - at
    if (this.#counted || size * 3 > this.#max || !isData(text, at)) return this.#take(text, at, end)
    this.#addData(text.slice(at + (text.charCodeAt(at + 5) === SPACE ? 6 : 5), end))
    this.#size = size
    return true
  }

  /**
   * Takes a line that came in two parts. Data that begins an event is not joined before somebody
   * looks at it; that of all its lines would take more than the limit.
   */
  takeParts(head: string, tail: string): boolean {
    const size = head.length + tail.length
    if (this.#size > 0 || size * 3 > this.#max || head.length < 6 || !isData(head, 0)) {
      const line = head + tail
      return this.take(line, 0, line.length)
    }
    this.#data = head.slice(head.charCodeAt(5) === SPACE ? 6 : 5) + tail
    this.#size = size
    return true
  }

  /** Takes any line that is not blank. */
  #take(text: string, at: number, end: number): boolean {
    const name = this.#name(text, at)
    if (name === undefined || !text.startsWith(name, at)) return true
    const colon = at + name.length
    if (colon < end ? text.charCodeAt(colon) !== COLON : colon > end) return true
    let size = this.#size + end - at
    if (this.#counted || size * 3 > this.#max) {
      size = this.#count() + utf8Length(text.slice(at, end))
      if (size > this.#max) return false
    }
    const value = text.slice(colon + (text.charCodeAt(colon + 1) === SPACE ? 2 : 1), end)
    if (name === "") {
      this.#sink.comment?.(value)
      return true
    }
    this.#size = size
    if (name === "data") {
      this.#addData(value)
      // Short lines are many only where they are large together.
      if (this.#counted) this.#lines = flatten(this.#data ?? "", this.#lines + 1)
      return true
    }
    if (!this.#counted) this.#size += utf8Length(value) - value.length
    if (name === "event") this.#type = value
    else if (name === "id") this.#id = value.includes("\0") ? this.#id : value
    else if (/^\d+$/.test(value)) this.#sink.retry(Number(value))
    return true
  }

  #addData(value: string): void {
    this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`
  }

  /** Looks at a line that has no end yet, the last of a text. */
  stateOf(text: string, at: number): LineState {
    this.#open = 0
    // Most are, and what follows takes one runtime as long as the rest of a chunk's lines.
    if (isData(text, at)) return "kept"
    const name = this.#name(text, at)
    if (name === undefined) return "skipped"
    if (!`${name}:`.startsWith(text.slice(at, at + name.length + 1))) return "skipped"
    return text.length > at + name.length ? "kept" : "unknown"
  }

  /**
   * Counts a line that has no end yet, of which `part` is new. Says whether the event is within its
   * limit. What does not show its field yet does not count.
   */
  fits(line: string, part: string): boolean {
    const known = this.#counted && this.#open > 0
    if (!this.#counted && (this.#size + line.length) * 3 <= this.#max) return true
    if (!known && !line.includes(":")) return true
    this.#open = known ? this.#open + utf8Length(part) : utf8Length(line)
    return this.#count() + this.#open <= this.#max
  }

  /** Counts the bytes of the data lines from now on; gives the size. */
  #count(): number {
    if (!this.#counted) {
      const data = this.#data ?? ""
      this.#size += utf8Length(data) - data.length
      this.#counted = true
    }
    return this.#size
  }

  /** Forgets the data of an event that will not end, and whom to give it to. */
  discard(): void {
    this.#data = undefined
    this.emit = ignore
  }

  /** Ends the event, and gives it where it has data. */
  #end(): true {
    if (this.#size === 0) return true
    const data = this.#data
    const type = this.#type || "message"
    this.lastEventId = this.#id
    this.#data = undefined
    this.#type = ""
    this.#size = 0
    this.#counted = false
    if (data !== undefined) {
      this.events += 1
      this.emit({ type, data, lastEventId: this.#id })
    }
    return true
  }
}

function ignore(): void {}

function isData(text: string, at: number): boolean {
  return (
    text.charCodeAt(at) === 100 &&
    text.charCodeAt(at + 1) === 97 &&
    text.charCodeAt(at + 2) === 116 &&
    text.charCodeAt(at + 3) === 97 &&
    text.charCodeAt(at + 4) === COLON
  )
}

/**
 * One event of an event stream, as a listener sees it.
 *
 * The strings are slices of their chunk's text and keep it alive: copy the few that are kept long.
 *
 * Source: HTML, section 9.2.6.
 *
 * @example What an event without any field but data looks like
 * ```ts
 * import assert from "node:assert/strict"
 * import { decodeSse, type SseEvent } from "@bellmouth/framing"
 *
 * const expected: SseEvent[] = [{ type: "message", data: "hi", lastEventId: "" }]
 * assert.deepEqual(decodeSse(new TextEncoder().encode("data: hi\n\n")), expected)
 * ```
 */
export interface SseEvent {
  /** The event's type, `message` when the stream does not say. */
  readonly type: string
  /** The data lines, joined by LF. */
  readonly data: string
  /** The id that was set last, by this event or an earlier one; `""` when none was. */
  readonly lastEventId: string
}

/**
 * What an SSE encoder takes: the fields to write. At least one must be given.
 *
 * @example All the fields
 * ```ts
 * import assert from "node:assert/strict"
 * import { encodeSseText, type SseEventInit } from "@bellmouth/framing"
 *
 * const init: SseEventInit = { comment: "c", event: "e", id: "1", retry: 5, data: "a\nb" }
 * assert.equal(encodeSseText(init), ": c\nevent: e\nid: 1\nretry: 5\ndata: a\ndata: b\n\n")
 * ```
 */
export interface SseEventInit {
  /** The event's type; no CR, LF or NUL. */
  readonly event?: string | undefined
  /** The payload; its line ends, CRLF, CR or LF, all arrive as LF. */
  readonly data?: string | undefined
  /** The id to resume after; no CR, LF or NUL. `""` clears the last one. */
  readonly id?: string | undefined
  /** How long to wait before reconnecting, in milliseconds: an integer, 0 or more. */
  readonly retry?: number | undefined
  /** Text that listeners do not see, such as a heartbeat. */
  readonly comment?: string | undefined
}

import type { SseEvent } from "@bellmouth/framing"
import type { EventStreamOptions } from "./event-stream-options.ts"
import { EventStreamSource } from "./event-stream-source.ts"

/**
 * A server's event stream as one readable that outlives its connections.
 *
 * When a connection ends it reconnects after a bounded exponential wait and resumes by
 * `Last-Event-ID`. An event is given once it is complete and its id is remembered in the same step,
 * so a cut anywhere neither loses nor repeats one, provided that the server resumes as asked. It
 * holds the events of one chunk of the network at most. It closes when the server answers 204.
 *
 * @throws {HttpError} into the readable: `REFUSED`, `BAD_RESPONSE`, `BAD_REDIRECT`, `GAVE_UP`, or
 * the code of the problem that the server answered; `TypeError` when `headers` or an id can not be sent.
 * @throws {TypeError} when `url` is not an absolute http(s) URL, or has a user in it.
 * @throws {RangeError} when a wait or a count is negative, or no number.
 *
 * @example Read a stream that is cut in the middle of an event
 * ```ts
 * import assert from "node:assert/strict"
 * import { EventStream } from "@bellmouth/http"
 *
 * const bodies = ["id: 1\ndata: a\n\nid: 2\nda", "id: 2\ndata: b\n\n"]
 * const asked: (string | null)[] = []
 * const events = new EventStream("http://localhost/events", {
 *   retryMs: 1,
 *   fetch: async (_url, init) => {
 *     asked.push(new Headers(init.headers).get("last-event-id"))
 *     const body = bodies.shift()
 *     if (body === undefined) return new Response(null, { status: 204 })
 *     return new Response(body, { headers: { "content-type": "text/event-stream" } })
 *   },
 * })
 * const data: string[] = []
 * for await (const event of events) data.push(event.data)
 * assert.deepEqual(data, ["a", "b"])
 * assert.deepEqual(asked, [null, "1", "2"])
 * assert.equal(events.reconnects, 2)
 * ```
 */
export class EventStream extends ReadableStream<SseEvent> {
  readonly #source: EventStreamSource

  constructor(url: string | URL, options: EventStreamOptions = {}) {
    const source = new EventStreamSource(url, options)
    super(source, { highWaterMark: 0 })
    this.#source = source
  }

  /** The id that a reconnection would resume after. */
  get lastEventId(): string {
    return this.#source.lastEventId
  }

  /** How often it has reconnected. */
  get reconnects(): number {
    return this.#source.reconnects
  }
}

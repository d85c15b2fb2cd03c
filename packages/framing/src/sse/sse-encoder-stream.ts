import { Stage } from "@bellmouth/core"
import { gatheringEncoder } from "../transformers/gathering-encoder.ts"
import { encodeSseText } from "./encode-sse.ts"
import type { SseEventInit } from "./sse-event.ts"

/**
 * Encodes server-sent events as a stage: one event a chunk in, bytes out.
 *
 * The events that are at hand when the consumer asks leave as one chunk, of about 16 KiB at most;
 * nothing waits for more to come. A chunk holds whole events only, so a slow sink never holds half
 * of one.
 *
 * An event that can not be written fails the stream with a `TypeError`, after earlier events.
 *
 * @example Encode events
 * ```ts
 * import assert from "node:assert/strict"
 * import { from } from "@bellmouth/core"
 * import { SseEncoderStream } from "@bellmouth/framing"
 *
 * const events = from([{ id: "1", data: "a" }, { data: "b" }])
 * const text = await new Response(events.pipeThrough(new SseEncoderStream())).text()
 * assert.equal(text, "id: 1\ndata: a\n\ndata: b\n\n")
 * ```
 */
export class SseEncoderStream extends Stage<SseEventInit, Uint8Array> {
  constructor() {
    super(gatheringEncoder(encodeSseText))
  }
}

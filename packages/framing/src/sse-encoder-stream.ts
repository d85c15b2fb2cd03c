import { Stage } from "@bellmouth/core"
import { encodeSse } from "./encode-sse.ts"
import { encoderTransformer } from "./encoder-transformer.ts"
import type { SseEventInit } from "./sse-event.ts"

/**
 * Encodes server-sent events as a stage: one event a chunk in, all of its lines as one chunk out,
 * so that a slow sink never holds half an event.
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
    super(encoderTransformer((event: SseEventInit) => encodeSse([event])))
  }
}

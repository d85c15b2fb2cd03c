import { Stage } from "@bellmouth/core"
import { encoderTransformer } from "../transformers/encoder-transformer.ts"
import { encodeSse } from "./encode-sse.ts"
import type { SseEventInit } from "./sse-event.ts"

/**
 * Encodes server-sent events as a stage with an array view: the events of one array (or other
 * iterable) leave as one chunk of bytes. An empty array gives no chunk.
 *
 * An array with an event that can not be written fails the stream with a `TypeError`; none of its
 * events is written.
 *
 * @example Encode arrays of events
 * ```ts
 * import assert from "node:assert/strict"
 * import { from } from "@bellmouth/core"
 * import { SseArrayEncoderStream } from "@bellmouth/framing"
 *
 * const arrays = from([[{ data: "a" }, { data: "b" }]])
 * const text = await new Response(arrays.pipeThrough(new SseArrayEncoderStream())).text()
 * assert.equal(text, "data: a\n\ndata: b\n\n")
 * ```
 */
export class SseArrayEncoderStream extends Stage<Iterable<SseEventInit>, Uint8Array> {
  constructor() {
    super(encoderTransformer((events: Iterable<SseEventInit>) => encodeSse(events)))
  }
}

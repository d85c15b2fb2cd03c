import { decodeAll } from "../transformers/decode-all.ts"
import { SseDecoder, type SseDecoderOptions } from "./sse-decoder.ts"
import type { SseEvent } from "./sse-event.ts"

/**
 * Decodes a whole event stream into an array of events, as {@link SseDecoder} does.
 *
 * Throws a {@link FramingError} when an event is larger than `maxEventBytes`.
 *
 * @example Decode a body that is in memory
 * ```ts
 * import assert from "node:assert/strict"
 * import { decodeSse } from "@bellmouth/framing"
 *
 * const events = decodeSse(new TextEncoder().encode("event: tick\ndata: 1\n\ndata: lost"))
 * assert.deepEqual(events, [{ type: "tick", data: "1", lastEventId: "" }])
 * ```
 */
export function decodeSse(bytes: Uint8Array, options: SseDecoderOptions = {}): SseEvent[] {
  return decodeAll(bytes, new SseDecoder(options))
}

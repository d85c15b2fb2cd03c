import { Stage } from "@bellmouth/core"
import { arrayDecoderTransformer } from "../transformers/decoder-transformer.ts"
import { SseDecoder, type SseDecoderOptions } from "./sse-decoder.ts"
import type { SseEvent } from "./sse-event.ts"

/**
 * The {@link SseDecoder} as a stage with an array view: the events of one input chunk leave as one
 * array. A chunk that completes no event gives nothing. Nothing is held back to fill an array.
 *
 * @example Take events by the array
 * ```ts
 * import assert from "node:assert/strict"
 * import { SseArrayDecoderStream } from "@bellmouth/framing"
 *
 * const source = new Blob(["data: a\n\ndata: b\n\n"]).stream()
 * const counts: number[] = []
 * for await (const events of source.pipeThrough(new SseArrayDecoderStream())) {
 *   counts.push(events.length)
 * }
 * assert.deepEqual(counts, [2])
 * ```
 */
export class SseArrayDecoderStream extends Stage<Uint8Array, SseEvent[]> {
  readonly #decoder: SseDecoder

  constructor(options: SseDecoderOptions = {}) {
    const decoder = new SseDecoder(options)
    // Who keeps the stage for its `lastEventId` keeps no part of an event.
    super({ ...arrayDecoderTransformer(decoder), cancel: () => decoder.finish() })
    this.#decoder = decoder
  }

  /** The id to resume after, as far as bytes were decoded. */
  get lastEventId(): string {
    return this.#decoder.lastEventId
  }

  /** The last `retry` value in milliseconds, `undefined` until there was one. */
  get reconnectionTime(): number | undefined {
    return this.#decoder.reconnectionTime
  }
}

import { Stage } from "@bellmouth/core"
import { decoderTransformer } from "../transformers/decoder-transformer.ts"
import { SseDecoder, type SseDecoderOptions } from "./sse-decoder.ts"
import type { SseEvent } from "./sse-event.ts"

/**
 * The {@link SseDecoder} as a stage: chunks of bytes in, one event a chunk out.
 *
 * Events before an error are delivered before the {@link FramingError}. A chunk may be reused once
 * its write has resolved. Comments and `retry` reach the callbacks of the options.
 *
 * @example Read the events of a response
 * ```ts
 * import assert from "node:assert/strict"
 * import { SseDecoderStream } from "@bellmouth/framing"
 *
 * const body = new Response("id: 1\ndata: a\n\ndata: b\n\n").body ?? new ReadableStream()
 * const stream = new SseDecoderStream()
 * const seen: string[] = []
 * for await (const event of body.pipeThrough(stream)) seen.push(`${event.lastEventId}${event.data}`)
 * assert.deepEqual(seen, ["1a", "1b"])
 * assert.equal(stream.lastEventId, "1")
 * ```
 */
export class SseDecoderStream extends Stage<Uint8Array, SseEvent> {
  readonly #decoder: SseDecoder

  constructor(options: SseDecoderOptions = {}) {
    const decoder = new SseDecoder(options)
    // Who keeps the stage for its `lastEventId` keeps no part of an event.
    super({ ...decoderTransformer(decoder), cancel: () => decoder.finish() })
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

import { Stage } from "@bellmouth/core"
import { decoderTransformer } from "../transformers/decoder-transformer.ts"
import { type NdjsonDecoderOptions, ndjsonDecoder } from "./ndjson-decoder.ts"

/**
 * The {@link NdjsonDecoder} as a stage: chunks of bytes in, one record a chunk out.
 *
 * Records before a bad one are delivered before the {@link FramingError}. A chunk may be reused
 * once its write has resolved. A record's short strings may keep the text of their chunk alive.
 *
 * @example Read records out of bytes
 * ```ts
 * import assert from "node:assert/strict"
 * import { NdjsonDecoderStream } from "@bellmouth/framing"
 *
 * const source = new Blob(['{"a":1}\n{"a":2}\n']).stream()
 * const records: unknown[] = []
 * for await (const record of source.pipeThrough(new NdjsonDecoderStream())) records.push(record)
 * assert.deepEqual(records, [{ a: 1 }, { a: 2 }])
 * ```
 */
export class NdjsonDecoderStream<T = unknown> extends Stage<Uint8Array, T> {
  constructor(options?: NdjsonDecoderOptions<T>) {
    super(decoderTransformer(ndjsonDecoder(options)))
  }
}

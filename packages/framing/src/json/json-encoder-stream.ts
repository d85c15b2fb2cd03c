import { Stage } from "@bellmouth/core"
import { JsonEncoder } from "./json-encoder.ts"

/**
 * Encodes JSON as a stage: exactly one value in, its bytes out as one chunk.
 *
 * No value at all, a second one and one that has no JSON fail the stream with a `TypeError`.
 *
 * @example Encode one value
 * ```ts
 * import assert from "node:assert/strict"
 * import { collectText, from } from "@bellmouth/core"
 * import { JsonEncoderStream } from "@bellmouth/framing"
 *
 * const value = from([{ offset: 7 }])
 * assert.equal(await collectText(value.pipeThrough(new JsonEncoderStream())), '{"offset":7}')
 * ```
 */
export class JsonEncoderStream<T = unknown> extends Stage<T, Uint8Array> {
  constructor() {
    const encoder = new JsonEncoder()
    super({
      transform: (value, controller) => controller.enqueue(encoder.push(value)),
      flush: () => encoder.finish(),
    })
  }
}

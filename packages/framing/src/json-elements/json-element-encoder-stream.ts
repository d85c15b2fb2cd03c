import { Stage } from "@bellmouth/core"
import { gatheringEncoder } from "../transformers/gathering-encoder.ts"
import { JsonElementEncoder } from "./json-element-encoder.ts"

/**
 * The {@link JsonElementEncoder} as a stage: one element a chunk in, one JSON array as bytes out.
 *
 * The elements that are at hand when the consumer asks leave as one chunk, of about 16 KiB at most;
 * nothing waits for more to come. An element that has no JSON fails the stream with a `TypeError` and leaves the array open.
 *
 * @example Write records as one array
 * ```ts
 * import assert from "node:assert/strict"
 * import { collectText, from } from "@bellmouth/core"
import { JsonElementEncoderStream } from "@bellmouth/framing"
 *
 * const records = from([{ a: 1 }, { a: 2 }])
 * const text = await collectText(records.pipeThrough(new JsonElementEncoderStream()))
 * assert.equal(text, '[{"a":1},{"a":2}]')
 * ```
 */
export class JsonElementEncoderStream<T = unknown> extends Stage<T, Uint8Array> {
  constructor() {
    const encoder = new JsonElementEncoder()
    super(
      gatheringEncoder<T>(
        (element) => encoder.encodeText(element),
        () => encoder.finishText(),
      ),
    )
  }
}

import { Stage } from "@bellmouth/core"
import { gatheringEncoder } from "../transformers/gathering-encoder.ts"
import { encodeJsonSequenceText } from "./encode-json-sequence.ts"

/**
 * Encodes a JSON text sequence as a stage: one value a chunk in; RS, its JSON and LF as bytes out.
 *
 * The values that are at hand when the consumer asks leave as one chunk, of about 16 KiB at most;
 * nothing waits for more to come. A value that has no JSON fails the stream with a `TypeError`, after earlier values.
 *
 * @example Write a sequence
 * ```ts
 * import assert from "node:assert/strict"
 * import { collectText, from } from "@bellmouth/core"
 * import { JsonSequenceEncoderStream } from "@bellmouth/framing"
 *
 * const values = from<unknown>([{ a: 1 }, 2])
 * const text = await collectText(values.pipeThrough(new JsonSequenceEncoderStream()))
 * assert.equal(text, '\x1e{"a":1}\n\x1e2\n')
 * ```
 */
export class JsonSequenceEncoderStream<T = unknown> extends Stage<T, Uint8Array> {
  constructor() {
    super(gatheringEncoder<T>(encodeJsonSequenceText))
  }
}

import { Stage } from "@bellmouth/core"
import { encoderTransformer } from "../transformers/encoder-transformer.ts"
import { encodeJsonSequence } from "./encode-json-sequence.ts"

/**
 * Encodes a JSON text sequence as a stage with an array view: the values of one array (or other
 * iterable) leave as one chunk of bytes.
 *
 * @example Write arrays of values
 * ```ts
 * import assert from "node:assert/strict"
 * import { collectText, from } from "@bellmouth/core"
 * import { JsonSequenceArrayEncoderStream } from "@bellmouth/framing"
 *
 * const arrays = from([[1, 2], [[3]]])
 * const text = await collectText(arrays.pipeThrough(new JsonSequenceArrayEncoderStream()))
 * assert.equal(text, "\x1e1\n\x1e2\n\x1e[3]\n")
 * ```
 */
export class JsonSequenceArrayEncoderStream<T = unknown> extends Stage<Iterable<T>, Uint8Array> {
  constructor() {
    super(encoderTransformer((chunk: Iterable<T>) => encodeJsonSequence(chunk)))
  }
}

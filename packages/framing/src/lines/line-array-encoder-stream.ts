import { Stage } from "@bellmouth/core"
import { encoderTransformer } from "../transformers/encoder-transformer.ts"
import { lineEncoder } from "./encode-lines.ts"

/**
 * Encodes lines as a stage with an array view: the lines of one array (or other iterable) leave as
 * one chunk of bytes. A string, which would be its characters, fails the stream with a `TypeError`.
 *
 * @example Write arrays of lines
 * ```ts
 * import assert from "node:assert/strict"
 * import { collectText, from } from "@bellmouth/core"
 * import { LineArrayEncoderStream } from "@bellmouth/framing"
 *
 * const arrays = from([["a", "b"], ["c"]])
 * const text = await collectText(arrays.pipeThrough(new LineArrayEncoderStream()))
 * assert.equal(text, "a\nb\nc\n")
 * ```
 */
export class LineArrayEncoderStream extends Stage<Iterable<string | Uint8Array>, Uint8Array> {
  constructor() {
    super(encoderTransformer<Iterable<string | Uint8Array>>(lineEncoder()))
  }
}

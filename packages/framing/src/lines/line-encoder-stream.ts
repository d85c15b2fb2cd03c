import { Stage } from "@bellmouth/core"
import { encoderTransformer } from "../transformers/encoder-transformer.ts"
import { lineEncoder } from "./encode-lines.ts"

/**
 * Encodes lines as a stage: one line of text or bytes a chunk in, its bytes with an LF out.
 *
 * A line that holds an LF or ends with a CR, and a first one that begins with U+FEFF, fails the
 * stream with a `TypeError`.
 *
 * @example Write lines
 * ```ts
 * import assert from "node:assert/strict"
 * import { collectText, from } from "@bellmouth/core"
 * import { LineEncoderStream } from "@bellmouth/framing"
 *
 * const lines = from(["a", "b"])
 * assert.equal(await collectText(lines.pipeThrough(new LineEncoderStream())), "a\nb\n")
 * ```
 */
export class LineEncoderStream extends Stage<string | Uint8Array, Uint8Array> {
  constructor() {
    const encode = lineEncoder()
    super(encoderTransformer((chunk: string | Uint8Array) => encode([chunk])))
  }
}

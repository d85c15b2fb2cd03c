import { Stage } from "@bellmouth/core"
import { decoderTransformer } from "../transformers/decoder-transformer.ts"
import { ByteLineDecoder, type ByteLineDecoderOptions } from "./byte-line-decoder.ts"

/**
 * The {@link ByteLineDecoder} as a stage: chunks of bytes in, the bytes of one line a chunk out.
 *
 * Takes ownership of the chunks: lines are views of them.
 *
 * @example Read lines as bytes
 * ```ts
 * import assert from "node:assert/strict"
 * import { toArray } from "@bellmouth/core"
 * import { ByteLineDecoderStream } from "@bellmouth/framing"
 *
 * const source = new Blob(["a\nb"]).stream()
 * const lines = await toArray(source.pipeThrough(new ByteLineDecoderStream()))
 * assert.deepEqual(lines.map((line) => [...line]), [[0x61], [0x62]])
 * ```
 */
export class ByteLineDecoderStream extends Stage<Uint8Array, Uint8Array> {
  constructor(options: ByteLineDecoderOptions = {}) {
    super(decoderTransformer(new ByteLineDecoder(options)))
  }
}

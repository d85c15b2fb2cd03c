import { hex } from "../../testing/cuts.ts"
import { testDecodeVectors } from "../../testing/decode-vectors.ts"
import { ByteLineDecoder, type ByteLineDecoderOptions } from "./byte-line-decoder.ts"

testDecodeVectors<ByteLineDecoderOptions, Uint8Array>(
  "byte-lines-decode",
  (options) => new ByteLineDecoder(options),
  hex,
)

import { testDecodeVectors } from "../testing/decode-vectors.ts"
import { LineDecoder, type LineDecoderOptions } from "./line-decoder.ts"

testDecodeVectors<LineDecoderOptions, string>("lines-decode", (options) => new LineDecoder(options))

import { testDecodeVectors } from "../../testing/decode-vectors.ts"
import { NdjsonDecoder, type NdjsonDecoderOptions } from "./ndjson-decoder.ts"

testDecodeVectors<NdjsonDecoderOptions, unknown>(
  "ndjson-decode",
  (options) => new NdjsonDecoder(options),
)

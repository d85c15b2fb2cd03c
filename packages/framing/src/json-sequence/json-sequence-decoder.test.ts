import { testDecodeVectors } from "../../testing/decode-vectors.ts"
import { JsonSequenceDecoder, type JsonSequenceDecoderOptions } from "./json-sequence-decoder.ts"

testDecodeVectors<JsonSequenceDecoderOptions, unknown>(
  "json-sequence-decode",
  (options) => new JsonSequenceDecoder(options),
)

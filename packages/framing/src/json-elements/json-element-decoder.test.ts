import { testDecodeVectors } from "../../testing/decode-vectors.ts"
import { JsonElementDecoder, type JsonElementDecoderOptions } from "./json-element-decoder.ts"

testDecodeVectors<JsonElementDecoderOptions, unknown>(
  "json-elements-decode",
  (options) => new JsonElementDecoder(options),
)

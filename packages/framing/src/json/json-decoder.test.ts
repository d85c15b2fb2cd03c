import { testDecodeVectors } from "../../testing/decode-vectors.ts"
import { JsonDecoder, type JsonDecoderOptions } from "./json-decoder.ts"

testDecodeVectors<JsonDecoderOptions, unknown>("json-decode", (options) => new JsonDecoder(options))

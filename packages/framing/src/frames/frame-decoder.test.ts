import { hex } from "../../testing/cuts.ts"
import { testDecodeVectors } from "../../testing/decode-vectors.ts"
import { FrameDecoder } from "./frame-decoder.ts"
import type { FrameOptions } from "./frame-options.ts"

testDecodeVectors<FrameOptions, Uint8Array>(
  "frames-decode",
  (options) => new FrameDecoder(options),
  hex,
)

import { decodeAll } from "../transformers/decode-all.ts"
import { FrameDecoder } from "./frame-decoder.ts"
import type { FrameOptions } from "./frame-options.ts"

/**
 * Decodes whole bytes into the bodies of their frames, as {@link FrameDecoder} does. The bodies are
 * views.
 *
 * @example Decode frames that are in memory
 * ```ts
 * import assert from "node:assert/strict"
 * import { decodeFrames } from "@bellmouth/framing"
 *
 * assert.deepEqual(decodeFrames(Uint8Array.of(0, 0, 0, 1, 7)), [Uint8Array.of(7)])
 * ```
 */
export function decodeFrames(bytes: Uint8Array, options: FrameOptions = {}): Uint8Array[] {
  return decodeAll(bytes, new FrameDecoder(options))
}

import { concatBytes } from "@bellmouth/core"
import type { Frame } from "./frame.ts"
import { FrameWriter } from "./frame-writer.ts"

/**
 * Writes one frame. A text is cut to 1,024 bytes, between characters. What else a frame must be, its
 * type does not say: numbers in their ranges, `fin` and `more` not both.
 *
 * @example Asking for one more
 * ```ts
 * import assert from "node:assert/strict"
 * import { encodeFrame } from "@bellmouth/mux"
 *
 * const bytes = encodeFrame({ type: "credit", id: 1, credit: 65_536 })
 * assert.deepEqual([...bytes], [0, 0, 4, 0x30, 0, 0, 0, 1, 0, 1, 0, 0])
 * ```
 */
export function encodeFrame(frame: Frame): Uint8Array {
  const writer = new FrameWriter()
  writer.frame(frame)
  return concatBytes(writer.take())
}

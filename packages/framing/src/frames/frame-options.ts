import { checkLimit } from "@bellmouth/core"
import { type FramePrefix, u32Prefix, varintPrefix } from "./frame-prefix.ts"

/**
 * How length-prefixed frames are read and written; both sides must agree on the prefix.
 *
 * @example Agree on a form
 * ```ts
 * import assert from "node:assert/strict"
 * import { decodeFrames, encodeFrames, type FrameOptions } from "@bellmouth/framing"
 *
 * const form: FrameOptions = { prefix: "varint", maxFrameBytes: 1024 }
 * const bodies = [Uint8Array.of(1), Uint8Array.of(2, 3)]
 * assert.deepEqual(decodeFrames(encodeFrames(bodies, form), form), bodies)
 * ```
 */
export interface FrameOptions {
  /** The length's form: four bytes (`"u32"`, default), `"varint"`, or your own. */
  readonly prefix?: "u32" | "varint" | FramePrefix | undefined
  /**
   * The most bytes of one frame without its prefix; default 4,194,304. A longer frame is a
   * `FRAME_TOO_LARGE` error when its prefix is read, before any of it is kept, and a `RangeError`
   * when it is encoded. `Infinity` leaves the prefix's own limit.
   */
  readonly maxFrameBytes?: number | undefined
}

export interface FrameForm {
  readonly prefix: FramePrefix
  readonly maxFrameBytes: number
}

/** Fills in the defaults. */
export function frameForm(options: FrameOptions): FrameForm {
  const maxFrameBytes = checkLimit("maxFrameBytes", options.maxFrameBytes ?? 4_194_304)
  const { prefix = "u32" } = options
  if (prefix === "u32") return { prefix: u32Prefix, maxFrameBytes }
  if (prefix === "varint") return { prefix: varintPrefix, maxFrameBytes }
  if ("sizeAt" in Object(prefix)) return { prefix, maxFrameBytes }
  throw refused(prefix)
}

function refused(prefix: unknown): TypeError {
  return new TypeError(`Cannot use prefix ${String(prefix)}: want "u32", "varint" or a FramePrefix`)
}

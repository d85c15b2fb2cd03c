import { checkBytes, concatBytes } from "@bellmouth/core"
import { type FrameForm, type FrameOptions, frameForm } from "./frame-options.ts"

/**
 * Encodes bodies as length-prefixed frames, one after the other. They are copied once the last one has
 * come: what gives them must not reuse one before.
 *
 * Throws a `RangeError` for a body longer than `maxFrameBytes` or than the prefix can say.
 *
 * @example Encode frames
 * ```ts
 * import assert from "node:assert/strict"
 * import { encodeFrames } from "@bellmouth/framing"
 *
 * const bytes = encodeFrames([Uint8Array.of(7), Uint8Array.of()], { prefix: "varint" })
 * assert.deepEqual(bytes, Uint8Array.of(1, 7, 0))
 * ```
 */
export function encodeFrames(
  bodies: Iterable<Uint8Array>,
  options: FrameOptions = {},
): Uint8Array<ArrayBuffer> {
  const form = frameForm(options)
  const parts: Uint8Array[] = []
  for (const body of bodies) {
    const prefix = encodePrefix(body, form)
    parts.push(prefix, body)
  }
  return concatBytes(parts)
}

/** Checks a body and encodes its prefix. */
export function encodePrefix(body: Uint8Array, form: FrameForm): Uint8Array {
  checkBytes("encode a frame", body)
  const max = Math.min(form.maxFrameBytes, form.prefix.maxLength)
  if (body.length > max)
    throw new RangeError(
      `Cannot encode a frame: its ${body.length} bytes are more than maxFrameBytes (${max}); raise the limit on both sides or cut the body`,
    )
  return form.prefix.encode(body.length)
}

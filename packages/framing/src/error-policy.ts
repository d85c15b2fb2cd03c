import type { FramingError } from "./framing-error.ts"

/**
 * What a decoder does at a bad record.
 *
 * `"throw"` fails the stream once earlier records were handed out; `"skip"` goes on with the next
 * record; a function is called with the error and then goes on, unless it throws itself.
 *
 * @example Collect what is bad and go on
 * ```ts
 * import assert from "node:assert/strict"
 * import { decodeNdjson, type ErrorPolicy } from "@bellmouth/framing"
 *
 * const bad: string[] = []
 * const onError: ErrorPolicy = (error) => bad.push(`${error.line}: ${error.excerpt}`)
 * const bytes = new TextEncoder().encode("1\nnope\n2\n")
 * assert.deepEqual(decodeNdjson(bytes, { onError }), [1, 2])
 * assert.deepEqual(bad, ["2: nope"])
 * ```
 */
export type ErrorPolicy = "throw" | "skip" | ((error: FramingError) => void)

/** Makes the function that a decoder calls at a bad record. */
export function reporter(policy: ErrorPolicy = "throw"): (error: FramingError) => void {
  if (typeof policy === "function") return policy
  if (policy !== "throw" && policy !== "skip")
    throw new TypeError(`Cannot use onError ${policy}: want "throw", "skip" or a function`)
  return (error) => {
    if (policy === "throw") throw error
  }
}

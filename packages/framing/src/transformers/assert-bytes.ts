import { isBytes } from "@bellmouth/core"
import { wrongArgument } from "../wrong-argument.ts"

/** Refuses a chunk that is not a `Uint8Array`, or was transferred. */
export function assertBytes(chunk: unknown): asserts chunk is Uint8Array {
  if (!isBytes(chunk))
    throw new TypeError(wrongArgument("a chunk", "a Uint8Array", {}.toString.call(chunk)))
  // It throws for one that was transferred, which must not pass for an empty one.
  if (chunk.length === 0) chunk.subarray()
}

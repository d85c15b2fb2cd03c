import { wrongArgument } from "../wrong-argument.ts"

/** Refuses a chunk that is not a `Uint8Array`; one of another realm passes. */
export function assertBytes(chunk: unknown): asserts chunk is Uint8Array {
  const tag: string | undefined = Object(chunk)[Symbol.toStringTag]
  if (tag !== "Uint8Array")
    throw new TypeError(wrongArgument("a chunk", "a Uint8Array", tag ?? typeof chunk))
}

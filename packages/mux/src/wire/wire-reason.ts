import { MuxError } from "./mux-error.ts"
import { type MuxErrorCode, wireCodeOf } from "./wire-codes.ts"

/** A code and a text, as they go over the wire. */
export interface WireReason {
  readonly code: number
  readonly text: string
}

/**
 * What the peer is told of a reason: the code and the message of a `MuxError`; of anything else a
 * code alone, since its text was not written for the peer.
 */
export function wireReasonOf(reason: unknown, otherwise: MuxErrorCode): WireReason {
  const told = toldBy(reason, otherwise)
  if (told instanceof MuxError) return { code: told.wireCode, text: told.message }
  return { code: wireCodeOf(told), text: "" }
}

/** The error that something here has ended with: a `MuxError` as it is, anything else as its cause. */
export function toMuxError(reason: unknown, otherwise: MuxErrorCode, message: string): MuxError {
  const told = toldBy(reason, otherwise)
  return told instanceof MuxError ? told : new MuxError(told, message, { cause: reason })
}

/** What something has failed with: an error also where it gave no reason. */
export function failureOf(reason: unknown): unknown {
  return reason ?? new MuxError("INTERNAL", "It has failed, and no reason was given")
}

/** What the peer may know of a reason, which can be anything: asking it may throw. */
function toldBy(reason: unknown, otherwise: MuxErrorCode): MuxError | MuxErrorCode {
  if (reason === undefined) return "CANCELLED"
  try {
    if (reason instanceof MuxError) return reason
    const { name }: { readonly name?: unknown } = Object(reason)
    if (name === "AbortError") return "CANCELLED"
    if (name === "TimeoutError") return "TIMEOUT"
  } catch {
    // Here it is told as it is.
  }
  return otherwise
}

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
  if (reason instanceof MuxError) return { code: reason.wireCode, text: reason.message }
  return { code: wireCodeOf(codeOf(reason, otherwise)), text: "" }
}

/** The error that something here has ended with: a `MuxError` as it is, anything else as its cause. */
export function toMuxError(reason: unknown, otherwise: MuxErrorCode, message: string): MuxError {
  if (reason instanceof MuxError) return reason
  return new MuxError(codeOf(reason, otherwise), message, { cause: reason })
}

/** What something has failed with: an error also where it gave no reason. */
export function failureOf(reason: unknown): unknown {
  return reason ?? new MuxError("INTERNAL", "It has failed, and no reason was given")
}

function codeOf(reason: unknown, otherwise: MuxErrorCode): MuxErrorCode {
  if (reason === undefined) return "CANCELLED"
  const name = reason instanceof Error ? reason.name : ""
  if (name === "AbortError") return "CANCELLED"
  return name === "TimeoutError" ? "TIMEOUT" : otherwise
}

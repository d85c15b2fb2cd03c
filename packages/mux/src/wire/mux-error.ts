import { codeOfWire, type MuxErrorCode, wireCodeOf } from "./wire-codes.ts"

/** Options of {@link MuxError}. */
export interface MuxErrorOptions {
  /** The number of the channel it happened on; positive: opened here; negative: by the peer. */
  readonly channel?: number | undefined
  /** The number on the wire, where the code is a range: 256 to 4,294,967,295 for `APPLICATION`. */
  readonly wireCode?: number | undefined
  /** What it followed from. */
  readonly cause?: unknown
}

/**
 * What ends a channel, a request or a session.
 *
 * Its code and message cross the wire when it is given to `cancel`, `abort` or thrown by a handler.
 * Of every other error only a code crosses, never its text.
 *
 * @throws {RangeError} when `wireCode` does not belong to `code`.
 *
 * @example An application's own code
 * ```ts
 * import assert from "node:assert/strict"
 * import { MuxError } from "@bellmouth/mux"
 *
 * const full = new MuxError("APPLICATION", "The disk is full", { wireCode: 300 })
 * assert.equal(full.wireCode, 300)
 * assert.equal(MuxError.fromWire(6, "Too late").code, "TIMEOUT")
 * ```
 */
export class MuxError extends Error {
  override readonly name = "MuxError"
  readonly code: MuxErrorCode
  readonly channel: number | undefined
  readonly wireCode: number

  constructor(code: MuxErrorCode, message: string, options: MuxErrorOptions = {}) {
    const { channel, wireCode = wireCodeOf(code) } = options
    super(message, options)
    if (!(wireCode >= 0 && wireCode <= 0xffff_ffff) || codeOfWire(wireCode) !== code) {
      throw new RangeError(`Cannot make a MuxError: ${wireCode} is not a wire code of ${code}`)
    }
    this.code = code
    this.channel = channel
    this.wireCode = wireCode
  }

  /** The error that a code and a text from the wire stand for. */
  static fromWire(wireCode: number, text: string, channel?: number): MuxError {
    const code = codeOfWire(wireCode)
    return new MuxError(code, text === "" ? `The peer said ${code} (${wireCode})` : text, {
      channel,
      wireCode,
    })
  }
}

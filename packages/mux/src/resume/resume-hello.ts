import { encodeFrame } from "../wire/encode-frame.ts"
import { HEADER_BYTES, HELLO, HELLO_BYTES } from "../wire/frame.ts"
import { MuxError } from "../wire/mux-error.ts"
import { decodeUtf8 } from "../wire/wire-frame.ts"

const LONGEST_ID = 128

/** A greeting as it is on the wire, and what it says of resuming. */
export interface ResumeHello {
  /** Its other keys. */
  readonly rest: Readonly<Record<string, unknown>>
  /** Names the session, for both sides. */
  readonly session: string | undefined
  /** How many numbered frames the sender has taken; undefined at the session's begin. */
  readonly seen: number | undefined
  /** How long the sender asks for the state to be kept, in ms. */
  readonly keepMs: number | undefined
}

/**
 * Reads a HELLO frame, header and all.
 *
 * @throws {MuxError} `PROTOCOL` when what it says of resuming can not be.
 */
export function decodeResumeHello(frame: Uint8Array): ResumeHello {
  if ((frame[3] ?? 0) >>> 4 !== HELLO) {
    throw new MuxError("PROTOCOL", "Cannot handle a frame before HELLO: the first one is HELLO")
  }
  const text = decodeUtf8(frame.subarray(HEADER_BYTES))
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new MuxError("PROTOCOL", "Cannot read HELLO: it is not JSON", { cause })
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new MuxError("PROTOCOL", "Cannot read HELLO: it is not an object")
  }
  const { session, seen, keep, ...rest } = value as Readonly<Record<string, unknown>>
  if (session !== undefined && !(typeof session === "string" && session.length <= LONGEST_ID)) {
    throw new MuxError("PROTOCOL", "Cannot read HELLO: session is no text of up to 128 characters")
  }
  return {
    rest,
    session,
    seen: integer("seen", seen, 2 ** 32 - 1),
    keepMs: integer("keep", keep, Number.MAX_SAFE_INTEGER),
  }
}

/**
 * Writes a HELLO frame.
 *
 * @throws {RangeError} when it is longer than 65,536 bytes, which the session's own was not.
 */
export function encodeResumeHello({ rest, session, seen, keepMs }: ResumeHello): Uint8Array {
  const json = JSON.stringify({ ...rest, session, seen, keep: keepMs })
  const payload = new TextEncoder().encode(json)
  if (payload.byteLength <= HELLO_BYTES) return encodeFrame({ type: "hello", payload })
  const state = `${payload.byteLength} bytes, at most ${HELLO_BYTES} are taken`
  throw new RangeError(`Cannot greet: ${state}; make app smaller`)
}

/** Whether a greeting says what the first one did. */
export function isSameHello(a: ResumeHello, b: ResumeHello): boolean {
  const sorted = ({ rest }: ResumeHello): string =>
    JSON.stringify(Object.entries(rest).sort(([x], [y]) => (x < y ? -1 : 1)))
  return sorted(a) === sorted(b)
}

function integer(key: string, value: unknown, most: number): number | undefined {
  if (value === undefined) return undefined
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= most) {
    return value
  }
  throw new MuxError("PROTOCOL", `Cannot read HELLO: ${key} is not from 0 to ${most}`)
}

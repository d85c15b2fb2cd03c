import { HELLO_BYTES } from "../wire/frame.ts"
import { MuxError } from "../wire/mux-error.ts"
import type { PeerHello } from "../wire/peer-hello.ts"
import { decodeUtf8 } from "../wire/wire-frame.ts"
import { isWithin, type Limits, RANGES } from "./limits.ts"

/**
 * Writes this side's greeting.
 *
 * @throws {TypeError} when `app` is no JSON.
 * @throws {RangeError} when it is longer than 65,536 bytes.
 */
export function encodeHello(limits: Limits, app: unknown): Uint8Array {
  const { windowBytes, maxFrameBytes, maxItemBytes, maxChannels, idleTimeoutMs } = limits
  const json = JSON.stringify({
    v: 1,
    credit: windowBytes,
    frame: maxFrameBytes,
    item: maxItemBytes,
    streams: maxChannels,
    idle: idleTimeoutMs || undefined,
    app,
  })
  const bytes = new TextEncoder().encode(json)
  if (bytes.byteLength <= HELLO_BYTES) return bytes
  const state = `${bytes.byteLength} bytes, at most ${HELLO_BYTES} are taken`
  throw new RangeError(`Cannot greet: ${state}; make app smaller`)
}

/** @throws {MuxError} `PROTOCOL` when the greeting breaks a rule. */
export function decodeHello(payload: Uint8Array): PeerHello {
  const hello = parse(payload)
  if (!isRecord(hello)) throw new MuxError("PROTOCOL", "Cannot read HELLO: it is not an object")
  integer(hello, "v", [1, 1, 1])
  return {
    windowBytes: integer(hello, "credit", RANGES.windowBytes),
    maxFrameBytes: integer(hello, "frame", RANGES.maxFrameBytes),
    maxItemBytes: integer(hello, "item", RANGES.maxItemBytes),
    maxChannels: integer(hello, "streams", RANGES.maxChannels),
    idleTimeoutMs: integer(hello, "idle", RANGES.idleTimeoutMs),
    app: own(hello, "app"),
  }
}

function parse(payload: Uint8Array): unknown {
  try {
    return JSON.parse(decodeUtf8(payload))
  } catch (cause) {
    throw new MuxError("PROTOCOL", "Cannot read HELLO: it is not JSON", { cause })
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

function own(record: Record<string, unknown>, key: string): unknown {
  return Object.hasOwn(record, key) ? record[key] : undefined
}

function integer(
  hello: Record<string, unknown>,
  key: string,
  [otherwise, least, most]: readonly [number, number, number],
): number {
  const value = own(hello, key)
  if (value === undefined) return otherwise
  if (isWithin(value, least, most)) return value
  throw new MuxError("PROTOCOL", `Cannot read HELLO: ${key} is not from ${least} to ${most}`)
}

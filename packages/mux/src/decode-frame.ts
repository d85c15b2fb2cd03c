import {
  ABORT,
  ACK,
  CANCEL,
  CREDIT,
  DATA,
  FIN,
  type Frame,
  GOAWAY,
  HEADER_BYTES,
  HELLO,
  MORE,
  OPEN,
  PING,
  PING_BYTES,
  REPLY,
  TEXT_BYTES,
} from "./frame.ts"
import { MuxError } from "./mux-error.ts"

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

/**
 * Reads one whole frame; its payload is a view of `bytes`.
 *
 * @throws {MuxError} `PROTOCOL` when the frame breaks a rule by itself.
 */
export function decodeFrame(bytes: Uint8Array): Frame {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const number = view.getUint8(3) >>> 4
  const flags = view.getUint8(3) & 15
  const id = view.getInt32(4)
  const length = bytes.byteLength - HEADER_BYTES
  const payload = bytes.subarray(HEADER_BYTES)
  const fin = (flags & FIN) !== 0
  const more = (flags & MORE) !== 0
  const u32 = (offset: number): number => view.getUint32(HEADER_BYTES + offset)
  const check = (name: string, isRight: boolean): void => checkForm(isRight, name, id, length)
  switch (number) {
    case HELLO:
      check("HELLO", id === 0)
      return { type: "hello", payload }
    case OPEN:
      check("OPEN", id > 0 && length >= 4 && !(fin && more))
      return { type: "open", id, fin, more, credit: u32(0), head: payload.subarray(4) }
    case DATA:
      checkData(id, flags)
      return { type: "data", id, fin, more, payload }
    case CREDIT:
      check("CREDIT", isId(id) && length === 4 && u32(0) > 0)
      return { type: "credit", id, credit: u32(0) }
    case ABORT:
      check("ABORT", isId(id) && id !== 0 && length >= 4)
      return { type: "abort", id, fin, code: u32(0), text: textOf(payload.subarray(4)) }
    case CANCEL:
      check("CANCEL", isId(id) && id !== 0 && length >= 4)
      return { type: "cancel", id, code: u32(0), text: textOf(payload.subarray(4)) }
    case PING:
      check("PING", id === 0 && length <= PING_BYTES)
      return { type: "ping", ack: (flags & REPLY) !== 0, payload }
    case GOAWAY:
      check("GOAWAY", id === 0 && length >= 8)
      return { type: "goaway", last: u32(0), code: u32(4), text: textOf(payload.subarray(8)) }
    case ACK:
      check("ACK", id === 0 && length === 4)
      return { type: "ack", count: u32(0) }
    default:
      return { type: "unknown", number, id, payload }
  }
}

/**
 * Holds a frame of DATA to its own rules.
 *
 * @throws {MuxError} `PROTOCOL` when it breaks one.
 */
export function checkData(id: number, flags: number): void {
  const fin = (flags & FIN) !== 0
  const isRight = isId(id) && !(fin && ((flags & MORE) !== 0 || id === 0))
  if (!isRight) checkForm(false, "DATA", id, 0)
}

/** -2^31 is no id. */
function isId(id: number): boolean {
  return id !== -0x8000_0000
}

function checkForm(isRight: boolean, name: string, id: number, length: number): void {
  if (isRight) return
  const state = `id ${id}, or a payload of ${length} bytes, or its flags, are not allowed there`
  throw new MuxError("PROTOCOL", `Cannot read ${name}: ${state}`)
}

function textOf(bytes: Uint8Array): string {
  if (bytes.byteLength > TEXT_BYTES) {
    const state = `${bytes.byteLength} bytes came, at most ${TEXT_BYTES} are allowed`
    throw new MuxError("PROTOCOL", `Cannot read a text: ${state}`)
  }
  return decodeUtf8(bytes)
}

/**
 * Reads UTF-8.
 *
 * @throws {MuxError} `PROTOCOL` when it is none.
 */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch (cause) {
    throw new MuxError("PROTOCOL", "Cannot read a text: it is not UTF-8", { cause })
  }
}

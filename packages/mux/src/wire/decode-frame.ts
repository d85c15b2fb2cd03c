import {
  ABORT,
  ACK,
  CANCEL,
  CREDIT,
  DATA,
  FIN,
  type Frame,
  GOAWAY,
  HELLO,
  MORE,
  OPEN,
  PING,
  REPLY,
} from "./frame.ts"
import { readFrame } from "./wire-frame.ts"

/**
 * Reads one whole frame; its payload is a view of `bytes`.
 *
 * @throws {MuxError} `PROTOCOL` when the frame breaks a rule by itself.
 */
export function decodeFrame(bytes: Uint8Array): Frame {
  const { type, flags, id, first, second, rest, text } = readFrame(bytes, 0, bytes.byteLength)
  const fin = (flags & FIN) !== 0
  const more = (flags & MORE) !== 0
  switch (type) {
    case HELLO:
      return { type: "hello", payload: rest }
    case OPEN:
      return { type: "open", id, fin, more, credit: first, head: rest }
    case DATA:
      return { type: "data", id, fin, more, payload: rest }
    case CREDIT:
      return { type: "credit", id, credit: first }
    case ABORT:
      return { type: "abort", id, fin, code: first, text }
    case CANCEL:
      return { type: "cancel", id, code: first, text }
    case PING:
      return { type: "ping", ack: (flags & REPLY) !== 0, payload: rest }
    case GOAWAY:
      return { type: "goaway", last: first, code: second, text }
    case ACK:
      return { type: "ack", count: first }
    default:
      return { type: "unknown", number: type, id, payload: rest }
  }
}

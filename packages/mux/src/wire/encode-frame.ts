import { concatBytes } from "@bellmouth/core"
import {
  ABORT,
  ACK,
  CANCEL,
  CREDIT,
  FIN,
  type Frame,
  GOAWAY,
  HELLO,
  MORE,
  OPEN,
  PING,
  REPLY,
} from "./frame.ts"
import { FrameWriter } from "./frame-writer.ts"
import { takeAll } from "./take-all.ts"

/**
 * Writes one frame. A text is cut to 1,024 bytes, between characters. What else a frame must be, its
 * type does not say: numbers in their ranges, `fin` and `more` not both.
 *
 * @example Asking for one more
 * ```ts
 * import assert from "node:assert/strict"
 * import { encodeFrame } from "@bellmouth/mux"
 *
 * const bytes = encodeFrame({ type: "credit", id: 1, credit: 65_536 })
 * assert.deepEqual([...bytes], [0, 0, 4, 0x30, 0, 0, 0, 1, 0, 1, 0, 0])
 * ```
 */
export function encodeFrame(frame: Frame): Uint8Array {
  const writer = new FrameWriter()
  write(writer, frame)
  return concatBytes(takeAll(writer))
}

function write(writer: FrameWriter, frame: Frame): void {
  switch (frame.type) {
    case "hello":
      return writer.put(HELLO, 0, 0, frame.payload)
    case "open":
      return writer.put(OPEN, flagsOf(frame), frame.id, frame.head, frame.credit)
    case "data":
      return writer.data(frame.id, flagsOf(frame), frame.payload, 0, frame.payload.byteLength)
    case "credit":
      return writer.put(CREDIT, 0, frame.id, "", frame.credit)
    case "abort":
      return writer.put(ABORT, frame.fin ? FIN : 0, frame.id, frame.text, frame.code)
    case "cancel":
      return writer.put(CANCEL, 0, frame.id, frame.text, frame.code)
    case "ping":
      return writer.put(PING, frame.ack ? REPLY : 0, 0, frame.payload)
    case "goaway":
      return writer.put(GOAWAY, 0, 0, frame.text, frame.last, frame.code)
    case "ack":
      return writer.put(ACK, 0, 0, "", frame.count)
    case "unknown":
      return writer.put(frame.number, 0, frame.id, frame.payload)
    default:
      return frame satisfies never
  }
}

function flagsOf({ fin, more }: { readonly fin: boolean; readonly more: boolean }): number {
  return (fin ? FIN : 0) | (more ? MORE : 0)
}

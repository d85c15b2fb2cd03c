import { encodeFrame, type Frame, FrameDecoder } from "@bellmouth/mux"

/** Bytes as the vectors write them. */
export type BytesVector =
  | string
  | { readonly size: number; readonly byte: number }
  | { readonly join: readonly BytesVector[] }

/** A frame as the vectors write it. */
export interface FrameVector {
  readonly type: string
  readonly id?: number
  readonly number?: number
  readonly hello?: object
  readonly credit?: number
  readonly head?: BytesVector
  readonly payload?: BytesVector
  readonly code?: number
  readonly text?: string
  readonly last?: number
  readonly count?: number
  readonly fin?: boolean
  readonly more?: boolean
  readonly ack?: boolean
}

export function toBytes(value: BytesVector): Uint8Array {
  if (typeof value === "string") {
    return Uint8Array.from(value.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
  }
  if ("size" in value) return new Uint8Array(value.size).fill(value.byte)
  return joinBytes(value.join.map(toBytes))
}

export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.byteLength
  }
  return joined
}

/** The frame that a vector means. */
export function toFrame(vector: FrameVector): Frame {
  const { type, id = 0, fin = false, more = false, ack = false, text = "" } = vector
  const { number = 0, credit = 0, code = 0, last = 0, count = 0 } = vector
  const payload = toBytes(vector.payload ?? "")
  switch (type) {
    case "hello":
      return { type, payload: new TextEncoder().encode(JSON.stringify(vector.hello)) }
    case "open":
      return { type, id, fin, more, credit, head: toBytes(vector.head ?? "") }
    case "data":
      return { type, id, fin, more, payload }
    case "credit":
      return { type, id, credit }
    case "abort":
      return { type, id, fin, code, text }
    case "cancel":
      return { type, id, code, text }
    case "ping":
      return { type, ack, payload }
    case "goaway":
      return { type, last, code, text }
    case "ack":
      return { type, count }
    case "unknown":
      return { type, number, id, payload }
    default:
      throw new Error(`The vectors have a frame of type ${type}`)
  }
}

/** The bytes of frames, one after the other. */
export function encodeFrames(vectors: readonly FrameVector[]): Uint8Array {
  return joinBytes(vectors.map((vector) => encodeFrame(toFrame(vector))))
}

/** The frames of chunks that were cut anywhere; each owns its bytes. */
export function decodeFrames(chunks: Iterable<Uint8Array>, maxFrameBytes = 2 ** 24 - 1): Frame[] {
  const decoder = new FrameDecoder({ maxFrameBytes })
  const frames: Frame[] = []
  for (const chunk of chunks) decoder.push(chunk, (frame) => frames.push(owned(frame)))
  return frames
}

function owned(frame: Frame): Frame {
  if ("payload" in frame) return { ...frame, payload: frame.payload.slice() }
  return "head" in frame ? { ...frame, head: frame.head.slice() } : frame
}

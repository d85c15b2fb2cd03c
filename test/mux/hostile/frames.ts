import type { Frame } from "@bellmouth/mux"

const NOTHING = new Uint8Array(0)

export function open(
  id: number,
  more: { credit?: number; head?: Uint8Array; fin?: boolean; more?: boolean } = {},
): Frame {
  return { type: "open", id, fin: false, more: false, credit: 1000, head: NOTHING, ...more }
}

/** A request: its place is held until it is answered. */
export function request(id: number, body: Uint8Array = NOTHING): Frame {
  return open(id, { fin: true, head: body, credit: 262_144 })
}

export function data(
  id: number,
  bytes: number | Uint8Array = NOTHING,
  flags: { fin?: boolean; more?: boolean } = {},
): Frame {
  const payload = typeof bytes === "number" ? new Uint8Array(bytes) : bytes
  return { type: "data", id, fin: false, more: false, payload, ...flags }
}

export function credit(id: number, n = 1): Frame {
  return { type: "credit", id, credit: n }
}

export function abort(id: number, fin = false): Frame {
  return { type: "abort", id, fin, code: 3, text: "" }
}

export function cancel(id: number): Frame {
  return { type: "cancel", id, code: 3, text: "" }
}

export function ping(bytes = 64, ack = false): Frame {
  return { type: "ping", ack, payload: new Uint8Array(bytes) }
}

export function goaway(last: number, code = 0): Frame {
  return { type: "goaway", last, code, text: "" }
}

/** A frame as bytes, whatever its rules: its length is what it says unless `length` is given. */
export function raw(
  type: number,
  id: number,
  payload: Uint8Array | number = NOTHING,
  { flags = 0, length }: { flags?: number; length?: number } = {},
): Uint8Array {
  const body = typeof payload === "number" ? new Uint8Array(payload) : payload
  const bytes = new Uint8Array(8 + body.length)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, ((length ?? body.length) << 8) | (type << 4) | flags)
  view.setInt32(4, id)
  bytes.set(body, 8)
  return bytes
}

/** Numbers of 32 bits, as a payload. */
export function u32(...numbers: number[]): Uint8Array {
  const bytes = new Uint8Array(4 * numbers.length)
  const view = new DataView(bytes.buffer)
  numbers.forEach((number, at) => {
    view.setUint32(4 * at, number)
  })
  return bytes
}

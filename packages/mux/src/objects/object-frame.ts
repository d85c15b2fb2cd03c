import { isWithin } from "../session/limits.ts"
import { ABORT, CANCEL, CREDIT, DATA, FIN, GOAWAY, HELLO, MOST, OPEN } from "../wire/frame.ts"
import { MuxError } from "../wire/mux-error.ts"
import type { WireReason } from "../wire/wire-reason.ts"

/** The longest text of an error, in UTF-16 units. */
const MOST_TEXT = 1024
const MOST_U32 = 0xffff_ffff

/** What a message says. A chunk stands in an array, since `undefined` is one, too. */
export type ObjectFrame =
  | { readonly type: "hello"; readonly windowItems: number; readonly maxChannels: number }
  | {
      readonly type: "open"
      readonly id: number
      readonly fin: boolean
      readonly head: unknown
      readonly credit: number
    }
  | {
      readonly type: "data"
      readonly id: number
      readonly fin: boolean
      readonly chunks: readonly [] | readonly [unknown]
    }
  | { readonly type: "credit"; readonly id: number; readonly items: number }
  | {
      readonly type: "abort"
      readonly id: number
      readonly fin: boolean
      readonly reason: WireReason
    }
  | { readonly type: "cancel"; readonly id: number; readonly reason: WireReason }
  | { readonly type: "goaway"; readonly reason: WireReason; readonly last: number }
  | { readonly type: "end" }

/** The message that says it: RFC 0006, section 2. */
export function encodeObjectFrame(frame: ObjectFrame): unknown {
  switch (frame.type) {
    case "hello":
      return [HELLO, 0, 0, { v: 1, credit: frame.windowItems, streams: frame.maxChannels }]
    case "open":
      return [OPEN, frame.fin ? FIN : 0, frame.id, frame.head, frame.credit]
    case "data":
      return [DATA, frame.fin ? FIN : 0, frame.id, ...frame.chunks]
    case "credit":
      return [CREDIT, 0, frame.id, frame.items]
    case "abort":
      return [ABORT, frame.fin ? FIN : 0, frame.id, ...toWire(frame.reason)]
    case "cancel":
      return [CANCEL, 0, frame.id, ...toWire(frame.reason)]
    case "goaway":
      return [GOAWAY, 0, 0, ...toWire(frame.reason), frame.last]
    case "end":
      return "end"
    default:
      return frame satisfies never
  }
}

/** @throws {MuxError} `PROTOCOL` for what is no frame. */
export function decodeObjectFrame(message: unknown): ObjectFrame {
  if (message === "end") return { type: "end" }
  if (!Array.isArray(message)) throw broken(`a message of type ${typeof message} is no frame`)
  const frame: readonly unknown[] = message
  const [type, flags, id, payload, number, last] = frame
  const want = (what: string, holds: boolean): void => {
    if (!holds) throw broken(`a frame's ${what} is wrong`)
  }
  want("flags", isWithin(flags, 0, 15))
  const fin = isWithin(flags, 0, 15) && (flags & FIN) !== 0
  const known = isWithin(id, -MOST, MOST) ? id : Number.NaN
  want("id", type === HELLO || type === GOAWAY ? known === 0 : known !== 0 && !Number.isNaN(known))
  const reason = (): WireReason => {
    want("code", isWithin(number, 0, MOST_U32))
    want("text", typeof payload === "string" && payload.length <= MOST_TEXT)
    return { code: Number(number), text: String(payload) }
  }
  switch (type) {
    case HELLO:
      want("length", frame.length === 4)
      return decodeHello(payload)
    case OPEN:
      want("length", frame.length === 5)
      want("id", known > 0)
      // Without credit a request could not be answered.
      want("credit", isWithin(number, fin ? 1 : 0, MOST_U32))
      return { type: "open", id: known, fin, head: payload, credit: Number(number) }
    case DATA:
      want("length", frame.length === 4 || (fin && frame.length === 3))
      return { type: "data", id: known, fin, chunks: frame.length === 4 ? [payload] : [] }
    case CREDIT:
      want("length", frame.length === 4)
      want("credit", isWithin(payload, 1, MOST_U32))
      return { type: "credit", id: known, items: Number(payload) }
    case ABORT:
    case CANCEL:
      want("length", frame.length === 5)
      if (type === CANCEL) return { type: "cancel", id: known, reason: reason() }
      return { type: "abort", id: known, fin, reason: reason() }
    case GOAWAY:
      want("length", frame.length === 6)
      want("last number", isWithin(last, 0, MOST))
      return { type: "goaway", reason: reason(), last: Number(last) }
    default:
      throw broken("a frame's type is unknown")
  }
}

function decodeHello(payload: unknown): ObjectFrame {
  if (typeof payload !== "object" || payload === null) throw broken("a greeting is no object")
  const key = (name: string, otherwise: number, least: number, most: number): number => {
    const value: unknown = Object.hasOwn(payload, name) ? Reflect.get(payload, name) : otherwise
    if (isWithin(value, least, most)) return value
    throw broken(`a greeting's ${name} is wrong`)
  }
  key("v", 1, 1, 1)
  const windowItems = key("credit", 16, 1, MOST)
  return { type: "hello", windowItems, maxChannels: key("streams", 100, 0, MOST) }
}

function toWire({ code, text }: WireReason): [string, number] {
  return [text.slice(0, MOST_TEXT), code]
}

function broken(what: string): MuxError {
  return new MuxError("PROTOCOL", `Cannot read a frame: ${what}`)
}

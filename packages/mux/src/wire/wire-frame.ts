import { CREDIT, FIN, HEADER_BYTES, MORE, PING_BYTES, TEXT_BYTES } from "./frame.ts"
import { MuxError } from "./mux-error.ts"
import { NOTHING } from "./nothing.ts"
import { uint32At } from "./uint32-at.ts"

/** A frame that is right by itself. What its flags and numbers mean, its type says. */
export interface WireFrame {
  readonly type: number
  /** The type in words. */
  readonly name: string
  readonly flags: number
  readonly id: number
  /** The numbers that its payload begins with; 0 where it has none. */
  readonly first: number
  readonly second: number
  /** What follows them: a view. */
  readonly rest: Uint8Array
  /** The same, where it is a text; else empty. */
  readonly text: string
}

type Fits = (id: number, flags: number) => boolean

/** -2^31 is no id. */
const isId: Fits = (id) => id !== -0x8000_0000
const isSession: Fits = (id) => id === 0
const isChannel: Fits = (id, flags) => id !== 0 && isId(id, flags)
const isData: Fits = (id, flags) =>
  isId(id, flags) && ((flags & FIN) === 0 || (id !== 0 && (flags & MORE) === 0))
const isOpen: Fits = (id, flags) => id > 0 && isData(id, flags)

const ANY = Infinity

/** By type: its name, where it may stand, how many numbers and bytes it has, and if those are a text. */
const FORMS: readonly (readonly [string, Fits, number, number, boolean?])[] = [
  ["HELLO", isSession, 0, ANY],
  ["OPEN", isOpen, 1, ANY],
  ["DATA", isData, 0, ANY],
  ["CREDIT", isId, 1, 0],
  ["ABORT", isChannel, 1, TEXT_BYTES, true],
  ["CANCEL", isChannel, 1, TEXT_BYTES, true],
  ["PING", isSession, 0, PING_BYTES],
  ["GOAWAY", isSession, 2, TEXT_BYTES, true],
  ["ACK", isSession, 1, 0],
]

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

/**
 * Reads the frame that lies in `bytes` from `start` to `end`.
 *
 * @throws {MuxError} `PROTOCOL` when it breaks a rule by itself.
 */
export function readFrame(bytes: Uint8Array, start: number, end: number): WireFrame {
  const word = uint32At(bytes, start)
  const type = (word >>> 4) & 15
  const flags = word & 15
  const id = uint32At(bytes, start + 4) | 0
  const [name, fits, numbers, most, isText = false] = FORMS[type] ?? [
    "an unknown type",
    isId,
    0,
    ANY,
  ]
  const from = start + HEADER_BYTES
  const at = from + 4 * numbers
  checkForm(fits(id, flags) && at <= end && end - at <= most, name, id, end - from)
  const first = numbers > 0 ? uint32At(bytes, from) : 0
  checkForm(type !== CREDIT || first > 0, name, id, 4)
  const second = numbers > 1 ? uint32At(bytes, from + 4) : 0
  const rest = at === end ? NOTHING : bytes.subarray(at, end)
  return { type, name, flags, id, first, second, rest, text: isText ? decodeUtf8(rest) : "" }
}

/**
 * Holds the header of DATA to its own rules.
 *
 * @throws {MuxError} `PROTOCOL` when it breaks one.
 */
export function checkData(id: number, flags: number): void {
  checkForm(isData(id, flags), "DATA", id, 0)
}

function checkForm(isRight: boolean, name: string, id: number, length: number): void {
  if (isRight) return
  const state = `id ${id}, a payload of ${length} bytes, or its flags are wrong`
  throw new MuxError("PROTOCOL", `Cannot read ${name}: ${state}`)
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

import { MuxError } from "../wire/mux-error.ts"

/** One frame of the v0 wire of omnistreams, which is one message of the transport. */
export type OmnistreamsFrame =
  /** A channel of the sender of this frame; `id` is 0 to 255, as everywhere. */
  | { readonly type: "open"; readonly id: number; readonly metadata: Uint8Array }
  /** One chunk on a channel of the sender of this frame. */
  | { readonly type: "data"; readonly id: number; readonly payload: Uint8Array }
  /** The end of a channel of the sender of this frame. */
  | { readonly type: "end"; readonly id: number }
  /** Nobody reads a channel of the receiver of this frame any more. */
  | { readonly type: "cancel"; readonly id: number }
  /** Asks for 0 to 255 more chunks on a channel of the receiver of this frame. */
  | { readonly type: "request"; readonly id: number; readonly items: number }
  /** A message beside all channels. */
  | { readonly type: "message"; readonly payload: Uint8Array }

const OPEN = 0
const DATA = 1
const END = 2
const CANCEL = 3
const REQUEST = 4
const MESSAGE = 5

const NONE = new Uint8Array(0)

/**
 * The message that a frame is.
 *
 * @throws {RangeError} when `id` or `items` is not an integer from 0 to 255.
 *
 * @example A request for three chunks
 * ```ts
 * import assert from "node:assert/strict"
 * import { encodeOmnistreamsFrame } from "@bellmouth/mux/omnistreams"
 *
 * const bytes = encodeOmnistreamsFrame({ type: "request", id: 7, items: 3 })
 * assert.deepEqual(bytes, Uint8Array.of(4, 7, 3))
 * ```
 */
export function encodeOmnistreamsFrame(frame: OmnistreamsFrame): Uint8Array {
  switch (frame.type) {
    case "open":
      return join(frame.metadata, OPEN, byte("id", frame.id))
    case "data":
      return join(frame.payload, DATA, byte("id", frame.id))
    case "end":
      return join(NONE, END, byte("id", frame.id))
    case "cancel":
      return join(NONE, CANCEL, byte("id", frame.id))
    case "request":
      return join(NONE, REQUEST, byte("id", frame.id), byte("items", frame.items))
    case "message":
      return join(frame.payload, MESSAGE)
    default:
      return frame satisfies never
  }
}

/**
 * The frame that a message is; its bytes are views of the message.
 *
 * @throws {MuxError} `PROTOCOL` when it is empty, of no type, or too short or too long for its type.
 *
 * @example The end of channel 9
 * ```ts
 * import assert from "node:assert/strict"
 * import { decodeOmnistreamsFrame } from "@bellmouth/mux/omnistreams"
 *
 * assert.deepEqual(decodeOmnistreamsFrame(Uint8Array.of(2, 9)), { type: "end", id: 9 })
 * assert.throws(() => decodeOmnistreamsFrame(Uint8Array.of(2)), { code: "PROTOCOL" })
 * ```
 */
export function decodeOmnistreamsFrame(message: Uint8Array): OmnistreamsFrame {
  const [type, id, items] = message
  if (type === MESSAGE) return { type: "message", payload: message.subarray(1) }
  if (type === undefined || type > MESSAGE) throw invalid(message, `its type is ${type}`)
  if (id === undefined) throw invalid(message, "it names no channel")
  if (type === OPEN) return { type: "open", id, metadata: message.subarray(2) }
  if (type === DATA) return { type: "data", id, payload: message.subarray(2) }
  if (message.length > (type === REQUEST ? 3 : 2)) throw invalid(message, "it is too long")
  if (type === END) return { type: "end", id }
  if (type === CANCEL) return { type: "cancel", id }
  if (items === undefined) throw invalid(message, "it does not say how many chunks it asks for")
  return { type: "request", id, items }
}

function join(payload: Uint8Array, ...head: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(head.length + payload.length)
  bytes.set(head)
  bytes.set(payload, head.length)
  return bytes
}

function byte(name: string, value: number): number {
  if (Number.isInteger(value) && value >= 0 && value <= 255) return value
  throw new RangeError(`Cannot encode a frame: ${name} is ${value}, want 0 to 255`)
}

function invalid(message: Uint8Array, state: string): MuxError {
  const what = `a message of ${message.length} bytes`
  return new MuxError("PROTOCOL", `Cannot read ${what} as a frame of omnistreams: ${state}`)
}

/** What each frame takes beside its payload. */
export const HEADER_BYTES = 8

/** The largest number of a channel, and the most credit there may be. */
export const MOST = 0x7fff_ffff

/** The most bytes of text in a frame. */
export const TEXT_BYTES = 1024

/** The most bytes of a PING's payload. */
export const PING_BYTES = 64

/** The most bytes of a HELLO, whatever the receiver's `frame`. */
export const HELLO_BYTES = 65_536

/** The types of RFC 0005, section 3. */
export const HELLO = 0
export const OPEN = 1
export const DATA = 2
export const CREDIT = 3
export const ABORT = 4
export const CANCEL = 5
export const PING = 6
export const GOAWAY = 7
export const ACK = 8

/** Its flags; `REPLY` is the one that it calls ACK. */
export const FIN = 1
export const MORE = 2
export const REPLY = 4

/**
 * One frame of RFC 0005: one variant for each meaning. `id` is positive for a channel that the
 * frame's sender opened, negative for one that its receiver opened, 0 for the session.
 */
export type Frame =
  /** The first frame of each side: a JSON object. */
  | { readonly type: "hello"; readonly payload: Uint8Array }
  /** A new channel; with `fin` a request, with `more` one whose body goes on in DATA. */
  | {
      readonly type: "open"
      readonly id: number
      readonly fin: boolean
      readonly more: boolean
      /** Bytes that the acceptor may send. */
      readonly credit: number
      readonly head: Uint8Array
    }
  /** An item, or with `more` a piece of one. */
  | {
      readonly type: "data"
      readonly id: number
      readonly fin: boolean
      readonly more: boolean
      readonly payload: Uint8Array
    }
  | { readonly type: "credit"; readonly id: number; readonly credit: number }
  /** The sender's direction has failed; with `fin` after what came before. */
  | {
      readonly type: "abort"
      readonly id: number
      readonly fin: boolean
      readonly code: number
      readonly text: string
    }
  /** The sender stops reading. */
  | { readonly type: "cancel"; readonly id: number; readonly code: number; readonly text: string }
  | { readonly type: "ping"; readonly ack: boolean; readonly payload: Uint8Array }
  /** Channels of the receiver's above `last` are not served. */
  | {
      readonly type: "goaway"
      readonly last: number
      readonly code: number
      readonly text: string
    }
  | { readonly type: "ack"; readonly count: number }
  /** A reserved type, to be ignored. */
  | {
      readonly type: "unknown"
      readonly number: number
      readonly id: number
      readonly payload: Uint8Array
    }

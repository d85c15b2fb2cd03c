/** A payload costs its bytes and these. */
export const HEADER_BYTES = 8

/** The largest number of a channel, and the most credit there may be. */
export const MOST = 0x7fff_ffff

/**
 * One frame of RFC 0005, checked for its own form: one variant for each meaning. `id` is positive for
 * a channel that the frame's sender opened, negative for one that its receiver opened, 0 for the
 * connection.
 */
export type Frame =
  /** The first frame: a JSON object. */
  | { readonly type: "hello"; readonly payload: Uint8Array }
  /** A new channel, or with `fin` a request; with `more` a request whose body goes on in DATA. */
  | {
      readonly type: "open"
      readonly id: number
      readonly fin: boolean
      readonly more: boolean
      /** Bytes that the acceptor may send. */
      readonly credit: number
      readonly head: Uint8Array
    }
  | {
      readonly type: "data"
      readonly id: number
      /** The sender's last frame on this channel. */
      readonly fin: boolean
      /** The chunk goes on in the next one. */
      readonly more: boolean
      readonly payload: Uint8Array
    }
  | { readonly type: "credit"; readonly id: number; readonly bytes: number }
  /** The sender's last frame on this channel: `deliver` what came before, then fail. */
  | {
      readonly type: "abort"
      readonly id: number
      readonly deliver: boolean
      readonly code: number
      readonly text: string
    }
  /** The sender stops reading. */
  | {
      readonly type: "cancel"
      readonly id: number
      readonly code: number
      readonly text: string
    }
  | { readonly type: "ping"; readonly ack: boolean; readonly payload: Uint8Array }
  /** Channels of the receiver's above `last` are not served. */
  | {
      readonly type: "goaway"
      readonly last: number
      readonly code: number
      readonly text: string
    }
  | { readonly type: "ack"; readonly count: number }
  /** A type that this version does not know; to be ignored. */
  | {
      readonly type: "unknown"
      readonly kind: number
      readonly flags: number
      readonly id: number
      readonly payload: Uint8Array
    }

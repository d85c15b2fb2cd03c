import type { MuxErrorCode } from "@bellmouth/mux"
import { open, raw, request, u32 } from "../frames.ts"
import { holding, type Script } from "../script.ts"

const TEXT_BYTES = 1024

/** Bytes that look like UTF-8 and are none. */
const NOT_UTF8: readonly (readonly [name: string, bytes: readonly number[]])[] = [
  ["NUL in two bytes", [0xc0, 0x80]],
  ["a slash in three bytes", [0xe0, 0x80, 0xaf]],
  ["a character cut off", [0x61, 0xe2, 0x82]],
  ["a surrogate pair, each in three bytes", [0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80]],
  ["a number past U+10FFFF", [0xf4, 0x90, 0x80, 0x80]],
  ["a byte that leads nothing", [0x80]],
  ["a lead of five bytes", [0xf8, 0x88, 0x80, 0x80, 0x80]],
]

const FRAMES = { abort: raw(4, 1), cancel: raw(5, 1) } as const

const received: readonly Script[] = Object.keys(FRAMES).flatMap((frame) =>
  NOT_UTF8.map(
    ([what, bytes]): Script => ({
      name: `the text of a ${frame} with ${what}`,
      limit: "utf8",
      floor: { bytes: 20 },
      async play({ peer, session, claim }) {
        holding(session)
        await peer.greet()
        await peer.send(open(1), open(2))
        const type = frame === "abort" ? 4 : 5
        // Control characters, and what turns a terminal's text around, are text like any other.
        const legal = new TextEncoder().encode("\u0000\u001b[2J\r\n\u202e\u{1f514}\ufeff")
        await peer.sendBytes(raw(type, 2, Uint8Array.of(...u32(3), ...legal)))
        claim(!peer.isOver, "a text of control characters ended the session")
        await peer.sendBytes(raw(type, 1, Uint8Array.of(...u32(3), ...bytes)))
      },
    }),
  ),
)

/** What a handler may throw, and the code by which it is to be told. */
interface Thrown {
  readonly reason: (mux: {
    MuxError: new (code: MuxErrorCode, message: string) => Error
  }) => unknown
  readonly code: number
}

const SECRET = "the key is /etc/secret"

/** Their text was not written for the peer. */
const PRIVATE: readonly Thrown[] = [
  { reason: () => new Error(SECRET), code: 2 },
  { reason: () => new TypeError(SECRET, { cause: new Error(SECRET) }), code: 2 },
  { reason: () => SECRET, code: 2 },
  {
    reason: () => ({ code: "PROTOCOL", wireCode: 1, message: SECRET, toString: () => SECRET }),
    code: 2,
  },
  { reason: () => new DOMException(SECRET, "AbortError"), code: 3 },
  { reason: () => new DOMException(SECRET, "TimeoutError"), code: 6 },
]

/** Theirs was, and has to be text of the wire whatever is in it; or it is ours, where there is none. */
const PUBLIC: readonly Thrown[] = [
  { reason: () => null, code: 2 },
  { reason: () => undefined, code: 2 },
  { reason: ({ MuxError }) => new MuxError("REFUSED", "\u0000\u001b[2J\r\n\u202e"), code: 4 },
  { reason: ({ MuxError }) => new MuxError("REFUSED", "\ud800 \udfff \ud83d"), code: 4 },
  { reason: ({ MuxError }) => new MuxError("TOO_LARGE", "a".repeat(100_000)), code: 5 },
  { reason: ({ MuxError }) => new MuxError("TOO_LARGE", "\u{1f514}".repeat(1000)), code: 5 },
  { reason: ({ MuxError }) => new MuxError("TOO_LARGE", "\u20ac".repeat(1000)), code: 5 },
  { reason: ({ MuxError }) => new MuxError("TIMEOUT", ""), code: 6 },
]

interface Told {
  readonly id: number
  readonly code: number
  readonly text: Uint8Array
}

/** The aborts and cancels on the wire, read without the package's own reader. */
function toldOn(wire: readonly Uint8Array[]): Told[] {
  const bytes = Uint8Array.from(wire.flatMap((chunk) => [...chunk]))
  const view = new DataView(bytes.buffer)
  const told: Told[] = []
  for (let at = 0; at + 8 <= bytes.length; ) {
    const head = view.getUint32(at)
    const end = at + 8 + (head >>> 8)
    const type = (head >>> 4) & 15
    if (type === 4 || type === 5) {
      const text = bytes.subarray(at + 12, end)
      told.push({ id: -view.getInt32(at + 4), code: view.getUint32(at + 8), text })
    }
    at = end
  }
  return told
}

const sent: readonly Script[] = (["private", "public"] as const).map(
  (kind): Script => ({
    name: `requests and channels whose handlers fail for ${kind} reasons`,
    limit: kind === "private" ? "private reasons" : "length of our texts",
    ends: "CONNECTION_LOST",
    isTold: false,
    async play({ mux, peer, session, neighbour, claim }) {
      const reasons = kind === "private" ? PRIVATE : PUBLIC
      const reasonOf = (bytes: Uint8Array): unknown => reasons[bytes[0] ?? 0]?.reason(mux)
      session.handle((body) => Promise.reject(reasonOf(body)))
      session.serve((channel) => Promise.reject(reasonOf(channel.metadata)))
      await peer.greet()
      const count = reasons.length
      for (let n = 0; n < count; n++) {
        const head = Uint8Array.of(n)
        await peer.send(request(2 * n + 1, head), open(2 * n + 2, { head }))
      }
      await neighbour.answers(5)
      const told = toldOn(peer.wire).filter(({ id }) => id > 0)
      claim(told.length >= 2 * count, `${told.length} failures were told, want ${2 * count}`)
      for (const { id, code, text } of told) {
        const thrown = reasons[(id - 1) >> 1]
        // What a handler leaves unread is cancelled, for no reason of its own.
        claim(code === thrown?.code || code === 3, `channel ${id} failed with ${code}`)
        claim(text.length <= (kind === "public" ? TEXT_BYTES : 0), `a text of ${text.length} bytes`)
        claim(isUtf8(text), `the text of channel ${id} is not UTF-8`)
      }
      const wire = new TextDecoder("latin1").decode(
        Uint8Array.from(peer.wire.flatMap((c) => [...c])),
      )
      claim(!/secret|\.ts\b|\bat \S+:\d/.test(wire), "the peer was told what is private")
      peer.end()
    },
  }),
)

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes)
    return true
  } catch {
    return false
  }
}

export const textScripts: readonly Script[] = [...received, ...sent]

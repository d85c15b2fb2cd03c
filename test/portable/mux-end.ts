import { type Frame, Session, type SessionOptions } from "@bellmouth/mux"
import { settle } from "./assert.ts"
import { decodeFrames, encodeFrames, type FrameVector } from "./mux-frames.ts"

/** The keys of a HELLO that limit the other side. */
export interface HelloLimits {
  readonly credit?: number
  readonly frame?: number
  readonly item?: number
  readonly streams?: number
}

const SINGLE_BYTES = 100
const PIECE_BYTES = 997

/** A session, and the peer's end of its transport in the hands of a test. */
export class MuxEnd {
  readonly session: Session
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>
  readonly #sent: Uint8Array[] = []
  readonly #isCut: boolean
  #isOver = false

  /** With `cut`, what comes is cut to pieces, the first bytes of all each alone. */
  constructor({ credit, frame, item, streams }: HelloLimits, cut = false) {
    this.#isCut = cut
    const options: Record<string, number | undefined> = {
      windowBytes: credit,
      maxWindowBytes: credit,
      maxFrameBytes: frame,
      maxItemBytes: item,
      maxChannels: streams,
    }
    const given = Object.entries(options).filter(([, value]) => value !== undefined)
    this.session = new Session(Object.fromEntries(given) satisfies SessionOptions)
    this.#writer = this.session.writable.getWriter()
    this.#writer.closed.catch(() => {}) // A refused peer: the tests look at what was sent.
    void this.#collect()
  }

  get isOver(): boolean {
    return this.#isOver
  }

  async #collect(): Promise<void> {
    const reader = this.session.readable.getReader()
    try {
      for (;;) {
        const { done, value } = await reader.read()
        if (done) break
        this.#sent.push(value.slice())
      }
    } catch {
      // The frames before tell why.
    }
    this.#isOver = true
  }

  /** The peer sends bytes; whatever becomes of them shows in what the session sends. */
  push(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const size = this.#isCut ? (at < SINGLE_BYTES ? 1 : PIECE_BYTES) : bytes.length
      this.#writer.write(bytes.slice(at, at + size)).catch(() => {})
      at += size
    }
  }

  pushFrames(frames: readonly FrameVector[]): void {
    this.push(encodeFrames(frames))
  }

  /** The transport ends. */
  lose(): void {
    this.#writer.close().catch(() => {})
  }

  /** What the session has sent since the last look, but for PINGs of its own. */
  async sent(): Promise<Frame[]> {
    await settle()
    const frames = decodeFrames(this.#sent.splice(0))
    return frames.filter((frame) => frame.type !== "ping" || frame.ack)
  }
}

import { encodeFrame, type Frame, FrameDecoder, type Session } from "@bellmouth/mux"
import type { Victim } from "./victim.ts"

const CHUNK_BYTES = 65_536

/** A peer that does what it likes, and counts what it did. */
export class HostilePeer {
  readonly session: Session
  /** Whole frames that were handed over, as far as this side knows. */
  frames = 0
  bytes = 0
  /** All that the session has sent, by type. */
  readonly counts = new Map<Frame["type"], number>()
  /** Every byte of it, as long as it is little. */
  readonly wire: Uint8Array[] = []
  last: Frame | undefined
  /** The session is over, however. */
  isOver = false
  readonly #victim: Victim
  readonly #listeners = new Set<(frame: Frame) => void>()

  constructor(victim: Victim) {
    this.#victim = victim
    this.session = victim.session
    const over = (): void => {
      this.isOver = true
    }
    this.session.closed.then(over, over)
  }

  /** Sends the greeting, and reads all that comes. */
  async greet(hello: object = {}): Promise<void> {
    this.read()
    await this.send({ type: "hello", payload: new TextEncoder().encode(JSON.stringify(hello)) })
  }

  read(): void {
    const decoder = new FrameDecoder({ maxFrameBytes: 2 ** 24 - 1 })
    let kept = 0
    this.#victim.read((bytes) => {
      if (kept < 1_000_000) this.wire.push(bytes.slice())
      kept += bytes.length
      decoder.push(bytes, (frame) => {
        this.counts.set(frame.type, (this.counts.get(frame.type) ?? 0) + 1)
        this.last = frame
        for (const listener of this.#listeners) listener(frame)
      })
    })
  }

  /** The next frame of a type; looks at what comes from now on. */
  next<T extends Frame["type"]>(type: T): Promise<Frame & { readonly type: T }> {
    return new Promise((resolve) => {
      const listener = (frame: Frame): void => {
        if (!isOfType(frame, type)) return
        this.#listeners.delete(listener)
        resolve(frame)
      }
      this.#listeners.add(listener)
    })
  }

  on(listener: (frame: Frame) => void): void {
    this.#listeners.add(listener)
  }

  count(type: Frame["type"]): number {
    return this.counts.get(type) ?? 0
  }

  /** Sends frames, in one chunk. */
  async send(...frames: Frame[]): Promise<void> {
    await this.sendBytes(join(frames.map(encodeFrame)))
    this.frames += frames.length
  }

  async sendBytes(bytes: Uint8Array): Promise<void> {
    if (this.isOver) return
    this.bytes += bytes.length
    await this.#victim.write(bytes)
  }

  /** Sends the same frame many times, in large chunks, as long as the session stands. */
  async flood(frame: Frame, times: number): Promise<void> {
    const bytes = encodeFrame(frame)
    const most = Math.max(1, Math.floor(CHUNK_BYTES / bytes.length))
    const chunk = join(Array.from({ length: Math.min(most, times) }, () => bytes))
    for (let n = 0; n < times && !this.isOver; n += most) {
      const count = Math.min(most, times - n)
      await this.sendBytes(chunk.subarray(0, count * bytes.length))
      this.frames += count
    }
  }

  /** Sends the frames of 0, 1, 2 and on, in large chunks, as long as the session stands. */
  async floodEach(times: number, framesOf: (n: number) => readonly Frame[]): Promise<void> {
    let parts: Uint8Array[] = []
    let size = 0
    let frames = 0
    for (let n = 0; n < times && !this.isOver; n++) {
      for (const frame of framesOf(n)) {
        const bytes = encodeFrame(frame)
        parts.push(bytes)
        size += bytes.length
        frames++
      }
      if (size < CHUNK_BYTES && n < times - 1) continue
      await this.sendBytes(join(parts))
      this.frames += frames
      parts = []
      size = 0
      frames = 0
    }
  }

  end(): void {
    this.#victim.end()
  }

  reset(): void {
    this.#victim.reset()
  }
}

function isOfType<T extends Frame["type"]>(frame: Frame, type: T): frame is Frame & { type: T } {
  return frame.type === type
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}

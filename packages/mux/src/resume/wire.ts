import type { Transport } from "../transport.ts"
import { FrameScanner } from "../wire/frame-scanner.ts"
import { MuxError } from "../wire/mux-error.ts"
import { decodeResumeHello, type ResumeHello } from "./resume-hello.ts"

/** Told of one whole frame: `bytes` from `start` to `end`, header and all. */
export type OnFrame = (bytes: Uint8Array, start: number, end: number) => void

/** How a transport ended: in order, with its session, or not. */
export type WireEnd =
  | { readonly isOver: true }
  | { readonly isOver: false; readonly cause: unknown }

/** One transport under a session that may outlive it. */
export class Wire {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>
  readonly #scanner: FrameScanner
  #closed: Promise<void> | undefined
  #dropped: { readonly reason: unknown } | undefined
  /** Frames that came in one chunk with HELLO. */
  #early: { readonly bytes: Uint8Array; readonly start: number; readonly end: number }[] = []

  constructor(transport: Transport, maxFrameBytes: number) {
    this.#reader = transport.readable.getReader()
    this.#writer = transport.writable.getWriter()
    this.#scanner = new FrameScanner(maxFrameBytes)
    for (const each of [this.#reader.closed, this.#writer.closed]) each.catch(() => {}) // reads and writes tell
  }

  /** Reads the greeting. Rejects with `CONNECTION_LOST` when none comes. */
  async hello(): Promise<ResumeHello> {
    for (;;) {
      const { done, value } = await this.#reader.read()
      if (done) throw new MuxError("CONNECTION_LOST", "The transport ended before HELLO")
      this.#scanner.push(value, (bytes, start, end) => {
        this.#early.push({ bytes, start, end })
      })
      const first = this.#early.shift()
      if (first !== undefined)
        return decodeResumeHello(first.bytes.subarray(first.start, first.end))
    }
  }

  /**
   * Gives every frame behind HELLO, and waits for `taken` after each chunk; fulfils at the end, rejects
   * with what it was dropped for.
   */
  async read(onFrame: OnFrame, taken: () => Promise<void>): Promise<void> {
    for (const { bytes, start, end } of this.#early.splice(0)) onFrame(bytes, start, end)
    for (;;) {
      await taken()
      const { done, value } = await this.#reader.read()
      // What was read and not yet counted when it was dropped comes again, on the next transport.
      if (this.#dropped !== undefined) throw this.#dropped.reason
      if (done) break
      this.#scanner.push(value, onFrame)
    }
    if (this.#scanner.isWithinFrame) {
      throw new MuxError("CONNECTION_LOST", "The transport ended within a frame")
    }
  }

  /** Writes whole frames. Rejects when the transport is lost. */
  write(bytes: Uint8Array): Promise<void> {
    return this.#writer.write(bytes)
  }

  /** Writes no more. */
  close(): Promise<void> {
    this.#closed ??= this.#writer.close()
    return this.#closed
  }

  /** Lets go of the transport, whatever state it is in. */
  drop(reason: unknown): void {
    this.#dropped ??= { reason }
    this.#reader.cancel(reason).catch(() => {}) // it is given up
    this.#writer.abort(reason).catch(() => {})
  }
}

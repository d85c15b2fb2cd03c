import { type PushController, StreamError } from "@bellmouth/core"
import { TransportError } from "./transport-error.ts"
import type { TransportController, UnderlyingTransport } from "./underlying-transport.ts"

/** A step of the writable that waits for the connection. */
interface Waiting {
  readonly forRoom: boolean
  readonly resolve: () => void
  readonly reject: (reason: unknown) => void
}

/** What each direction of a connection has come to, and what its writable waits for. */
export class Connection implements TransportController {
  readonly #underlying: UnderlyingTransport
  #input: PushController<Uint8Array> | undefined
  #output: WritableStreamDefaultController | undefined
  /** `discards`: the reader has gone, the peer has not ended. */
  #reading: "open" | "discards" | "over" = "open"
  #writing: "open" | "closing" | "over" = "open"
  #waiting: Waiting | undefined
  #isReleased = false

  constructor(underlying: UnderlyingTransport) {
    this.#underlying = underlying
  }

  /** What comes goes to the readable's controller. */
  readInto(input: PushController<Uint8Array>): void {
    this.#input = input
  }

  /** The readable was cancelled, or its queue has passed its limit. */
  stopReading(reason: unknown): void {
    if (this.#reading !== "open") return
    if (reason instanceof StreamError && reason.code === "OVERFLOW") return this.abort(reason)
    this.#reading = "discards"
    this.#underlying.resume?.()
    this.#releaseAtEnd()
  }

  /** Settles when bytes can be sent. */
  open(output: WritableStreamDefaultController): void | Promise<void> {
    this.#output = output
    // A sink's `abort` comes only after the step under way has settled, and that may wait for ever.
    output.signal?.addEventListener("abort", () => this.abortByWriter(output.signal.reason))
    const started = this.#underlying.start(this)
    if (started !== undefined) return this.#wait(false, started)
  }

  /** Sends a chunk; settles when there is room for the next. */
  send(chunk: Uint8Array): void | Promise<void> {
    try {
      if (!(chunk instanceof Uint8Array)) {
        throw new TypeError(`Cannot send a chunk of ${typeof chunk}: want bytes`)
      }
      const { maxMessageBytes = chunk.length } = this.#underlying
      for (let from = 0; from < chunk.length; from += maxMessageBytes) {
        const to = from + maxMessageBytes
        const piece = from === 0 && to >= chunk.length ? chunk : chunk.subarray(from, to)
        if (this.#underlying.write(piece)) continue
        const room = this.#wait(true)
        return to < chunk.length ? room.then(() => this.send(chunk.subarray(to))) : room
      }
    } catch (reason) {
      // The standard errors the writable, but its sink is told nothing.
      this.abort(reason)
      throw reason
    }
  }

  /** Ends our direction; settles when that is done. */
  async finish(): Promise<void> {
    this.#writing = "closing"
    await this.#wait(false, (async () => this.#underlying.close())())
    this.#writing = "over"
    if (!this.#underlying.halfClose) this.#endReading()
    this.#releaseAtEnd()
  }

  /** The writable was aborted; it errors by itself, and `abort()` rejects when it is told to. */
  abortByWriter(reason: unknown): void {
    this.#writing = "over"
    this.#waiting?.reject(reason)
    this.abort(reason)
  }

  /** Breaks the connection off. */
  abort(reason: unknown): void {
    if (this.#isReleased) return
    // First, because the platform may call back while it aborts.
    this.#isReleased = true
    this.#fail(reason)
    this.#underlying.abort(reason)
    this.#underlying.release()
  }

  enqueue(bytes: Uint8Array): void {
    if (this.#reading !== "open" || bytes.length === 0) return
    // Node's Buffer has methods of the same names that do something else, such as `slice`.
    const isPlain = bytes.constructor === Uint8Array
    const { buffer, byteOffset, length } = bytes
    this.#input?.enqueue(isPlain ? bytes : new Uint8Array(buffer, byteOffset, length))
  }

  drain(): void {
    if (this.#waiting?.forRoom === true) this.#waiting.resolve()
  }

  close(): void {
    this.#endReading()
    if (!this.#underlying.halfClose && this.#writing === "open") {
      const state = "the peer has closed the connection; connect again"
      this.#failWriting(new TransportError("CLOSED", `Cannot send: ${state}`))
    }
    this.#releaseAtEnd()
  }

  errorWritable(reason: unknown): void {
    this.#failWriting(reason)
    this.#releaseAtEnd()
  }

  error(reason: unknown): void {
    this.#fail(reason)
    this.#releaseAtEnd()
  }

  #fail(reason: unknown): void {
    if (this.#reading === "open") this.#input?.error(reason)
    this.#reading = "over"
    this.#failWriting(reason)
  }

  #endReading(): void {
    if (this.#reading === "open") this.#input?.close()
    this.#reading = "over"
  }

  #failWriting(reason: unknown): void {
    if (this.#writing === "over") return
    this.#writing = "over"
    this.#output?.error(reason)
    this.#waiting?.reject(reason)
  }

  #releaseAtEnd(): void {
    if (this.#isReleased || this.#reading === "open" || this.#writing !== "over") return
    this.#isReleased = true
    this.#underlying.release()
  }

  /** Settles as `step` does, or when the connection fails; without a step, at the next `drain()`. */
  #wait(forRoom: boolean, step?: PromiseLike<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting = { forRoom, resolve, reject }
      step?.then(resolve, (reason: unknown) => {
        this.error(reason)
        reject(reason)
      })
    })
  }
}

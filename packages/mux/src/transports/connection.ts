import { type PushController, StreamError } from "@bellmouth/core"
import { TransportError } from "./transport-error.ts"
import type { TransportController, UnderlyingTransport } from "./underlying-transport.ts"

/** What writes to a connection. */
export interface ConnectionOutput {
  /** There may be room. */
  advance(): void
  /** There never will be. */
  fail(reason: unknown): void
}

/** What each direction of a connection has come to. */
export class Connection implements TransportController {
  readonly #underlying: UnderlyingTransport
  #input: PushController<Uint8Array> | undefined
  #output: ConnectionOutput | undefined
  /** `discards`: the reader has gone, the peer has not ended. */
  #reading: "open" | "discards" | "over" = "open"
  #writing: "open" | "closing" | "over" = "open"
  /** Ends the wait for the underlying transport's start or end. */
  #failStep: (reason: unknown) => void = () => {}
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
  open(output: ConnectionOutput): void | Promise<void> {
    this.#output = output
    const started = this.#underlying.start(this)
    if (started !== undefined) return this.#step(started)
  }

  /** Ends our direction; settles when that is done. */
  async finish(): Promise<void> {
    this.#writing = "closing"
    await this.#step((async () => this.#underlying.close())())
    this.#writing = "over"
    if (!this.#underlying.halfClose) this.#endReading()
    this.#releaseAtEnd()
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
    this.#output?.advance()
  }

  close(): void {
    this.#endReading()
    if (!this.#underlying.halfClose && this.#writing === "open") {
      const message = "Cannot send: the peer has closed the connection; connect again"
      this.#failWriting(new TransportError("CLOSED", message))
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
    this.#output?.fail(reason)
    this.#failStep(reason)
  }

  #releaseAtEnd(): void {
    if (this.#isReleased || this.#reading === "open" || this.#writing !== "over") return
    this.#isReleased = true
    this.#underlying.release()
  }

  /** Settles as `step` does, or when the connection fails. */
  #step(step: PromiseLike<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#failStep = reject
      step.then(resolve, (reason: unknown) => {
        this.error(reason)
        reject(reason)
      })
    })
  }
}

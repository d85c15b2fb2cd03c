import { checkBytes, type PushController, StreamError } from "@bellmouth/core"
import { DirectSink } from "../streams/direct-sink.ts"
import { plainBytes } from "../streams/plain-bytes.ts"
import { TransportError } from "./transport-error.ts"
import type { UnderlyingTransport } from "./underlying-transport.ts"

/**
 * What each direction of a connection has come to. It is the underlying sink of the writable: a chunk
 * leaves at once while the connection has room.
 */
export class Connection extends DirectSink<Uint8Array> {
  readonly #underlying: UnderlyingTransport
  #input: PushController<Uint8Array> | undefined
  /** Whether the peer may still send, to a reader that is there. */
  #isReading = true
  #writing: "starting" | "open" | "closing" | "over" = "starting"
  /** Ends the wait for the underlying transport's start or end. */
  #failStep: (reason: unknown) => void = () => {}
  #isReleased = false
  /** How much of the chunk that waits has been sent. */
  #sent = 0

  constructor(underlying: UnderlyingTransport) {
    super()
    this.#underlying = underlying
  }

  /** What comes goes to the readable's controller. */
  readInto(input: PushController<Uint8Array>): void {
    this.#input = input
  }

  /** The readable was cancelled, or its queue has passed its limit. */
  stopReading(reason: unknown): void {
    if (reason instanceof StreamError && reason.code === "OVERFLOW") return this.giveUp(reason)
    this.#isReading = false
    this.#underlying.resume?.() // what still comes is discarded
    this.#releaseAtEnd()
  }

  /** A chunk; one that finds no room behind it waits, so that there is none for the next. */
  protected override get free(): number {
    return this.#writing === "open" ? 1 : 0
  }

  override start(controller: WritableStreamDefaultController): void | Promise<void> {
    void super.start(controller)
    this.watchAbort()
    const begin = (): void => {
      if (this.#writing === "starting") this.#writing = "open"
      this.advance()
    }
    const started = this.#underlying.start({
      enqueue: (bytes) => this.#enqueue(bytes),
      drain: () => this.advance(),
      close: () => this.#onPeerEnd(),
      errorWritable: (reason) => this.#failWriting(reason),
      error: (reason) => this.#fail(reason),
    })
    return started === undefined ? begin() : this.#step(started).then(begin)
  }

  async close(): Promise<void> {
    this.isClosing = true
    await this.ready
    this.#writing = "closing"
    await this.#step((async () => this.#underlying.close())())
    this.#writing = "over"
    if (!this.#underlying.halfClose) this.#endReading()
    this.#releaseAtEnd()
  }

  /** The writable errors by itself, and its `abort()` rejects when it is told to. */
  override abort(reason: unknown): void {
    this.failWrites(reason)
    this.giveUp(reason)
  }

  /** Breaks the connection off. */
  protected override giveUp(reason: unknown): void {
    if (this.#isReleased) return
    // First, because the platform may call back while it aborts.
    this.#isReleased = true
    this.#fail(reason)
    this.#underlying.abort(reason)
    this.#underlying.release()
  }

  /** Sends pieces while there is room. Where there is none behind the last, the chunk waits for it. */
  protected override take(chunk: Uint8Array): boolean {
    if (this.#writing === "starting") return false
    if (this.#sent === 0) checkBytes("send", chunk)
    // A chunk that was transferred as it was sent has no length any more.
    while (this.#sent < chunk.length) {
      const { maxMessageBytes = chunk.length } = this.#underlying
      const from = this.#sent
      this.#sent += maxMessageBytes
      const isWhole = from === 0 && this.#sent >= chunk.length
      if (!this.#underlying.write(isWhole ? chunk : chunk.subarray(from, this.#sent))) return false
    }
    this.#sent = 0
    return true
  }

  #enqueue(bytes: Uint8Array): void {
    if (bytes.length === 0) return
    this.#input?.enqueue(plainBytes(bytes))
  }

  #onPeerEnd(): void {
    this.#endReading()
    if (this.#underlying.halfClose || this.#writing === "closing") return this.#releaseAtEnd()
    const message = "Cannot send: the peer has closed the connection; connect again"
    this.#failWriting(new TransportError("CLOSED", message))
  }

  #fail(reason: unknown): void {
    this.#input?.error(reason)
    this.#isReading = false
    this.#failWriting(reason)
  }

  #endReading(): void {
    this.#input?.close()
    this.#isReading = false
  }

  #failWriting(reason: unknown): void {
    if (this.#writing !== "over") {
      this.#writing = "over"
      this.fail(reason)
      this.#failStep(reason)
    }
    this.#releaseAtEnd()
  }

  #releaseAtEnd(): void {
    if (this.#isReleased || this.#isReading || this.#writing !== "over") return
    this.#isReleased = true
    this.#underlying.release()
  }

  /** Settles as `step` does, or when the connection fails. */
  #step(step: PromiseLike<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#failStep = reject
      step.then(resolve, (reason: unknown) => {
        this.#fail(reason)
        reject(reason)
      })
    })
  }
}

import { checkUint8Array } from "../streams/check-uint8-array.ts"
import { DirectSink } from "../streams/direct-sink.ts"
import { NOTHING } from "../wire/nothing.ts"
import type { Connection } from "./connection.ts"
import type { UnderlyingTransport } from "./underlying-transport.ts"

/** The underlying sink of a transport's writable: a chunk leaves at once while the connection has room. */
export class TransportSink extends DirectSink<Uint8Array> {
  readonly #underlying: UnderlyingTransport
  readonly #connection: Connection
  #isStarted = false

  constructor(underlying: UnderlyingTransport, connection: Connection) {
    super()
    this.#underlying = underlying
    this.#connection = connection
  }

  /** A chunk; one that finds no room behind it waits, so that there is none for the next. */
  protected override get free(): number {
    return this.#isStarted ? 1 : 0
  }

  override start(controller: WritableStreamDefaultController): void | Promise<void> {
    void super.start(controller)
    this.watchAbort()
    const begin = (): void => {
      this.#isStarted = true
      this.advance()
    }
    const started = this.#connection.open(this)
    return started === undefined ? begin() : started.then(begin)
  }

  /** Sends a chunk, once there is room; settles when there is room for the next. */
  override push(chunk: Uint8Array): Promise<void> {
    return this.pushRest(chunk)
  }

  close(): Promise<void> {
    this.isClosing = true
    return this.ready.then(() => this.#connection.finish())
  }

  /** The writable errors by itself, and its `abort()` rejects when it is told to. */
  override abort(reason: unknown): void {
    this.failWrites(reason)
    this.#connection.abort(reason)
  }

  /** Of a sink that throws the standard errors the writable, but tells it nothing. */
  protected override giveUp(error: unknown): void {
    this.#connection.abort(error)
  }

  /** Sends pieces while there is room; gives what is left when there is none, if only nothing. */
  protected override take(chunk: Uint8Array): Uint8Array | undefined {
    if (!this.#isStarted) return chunk
    checkUint8Array("send", chunk)
    // It throws for one that was transferred, which must not pass for an empty one.
    if (chunk.length === 0) chunk.slice()
    const { maxMessageBytes = chunk.length } = this.#underlying
    for (let from = 0; from < chunk.length; from += maxMessageBytes) {
      const to = from + maxMessageBytes
      const piece = from === 0 && to >= chunk.length ? chunk : chunk.subarray(from, to)
      if (this.#underlying.write(piece)) continue
      // A piece that was transferred has no rest to look at.
      return to < chunk.length ? chunk.subarray(to) : NOTHING
    }
    return undefined
  }
}

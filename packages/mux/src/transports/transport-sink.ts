import type { DirectSink } from "../direct-writable.ts"
import { Ring } from "../ring.ts"
import type { Connection } from "./connection.ts"
import type { UnderlyingTransport } from "./underlying-transport.ts"

/** A chunk that has not wholly left, or has left no room for the next. */
interface Waiting extends PromiseWithResolvers<void> {
  /** Empty when it has left. */
  rest: Uint8Array
}

const DONE: Promise<void> = Promise.resolve()
const NOTHING = new Uint8Array(0)

/** The underlying sink of a transport's writable: a chunk leaves at once while the connection has room. */
export class TransportSink implements DirectSink<Uint8Array> {
  isClosing = false
  readonly #underlying: UnderlyingTransport
  readonly #connection: Connection
  readonly #waiting = new Ring<Waiting>()
  #controller: WritableStreamDefaultController | undefined
  #isStarted = false
  #ready: PromiseWithResolvers<void> | undefined
  #failure: { readonly reason: unknown } | undefined

  constructor(underlying: UnderlyingTransport, connection: Connection) {
    this.#underlying = underlying
    this.#connection = connection
  }

  get isOpen(): boolean {
    return !this.isClosing && this.#failure === undefined
  }

  get room(): number {
    return this.#isStarted && this.#waiting.length === 0 ? 1 : 0
  }

  get ready(): Promise<void> {
    if (this.room > 0) return DONE
    if (this.#ready === undefined) {
      this.#ready = Promise.withResolvers()
      this.#ready.promise.catch(() => {}) // whoever writes is told
    }
    return this.#ready.promise
  }

  start(controller: WritableStreamDefaultController): void | Promise<void> {
    this.#controller = controller
    // `abort` comes only after the step under way has settled, and that may wait for ever.
    controller.signal?.addEventListener("abort", () => this.abort(controller.signal.reason))
    const started = this.#connection.open(this)
    if (started === undefined) this.#isStarted = true
    else return this.#afterStart(started)
  }

  write(chunk: Uint8Array): Promise<void> | undefined {
    const written = this.push(chunk)
    return written === DONE ? undefined : written
  }

  /** Sends a chunk, once there is room; settles when there is room for the next. */
  push(chunk: Uint8Array): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure.reason)
    try {
      const rest = this.room > 0 ? this.#sendSome(chunk) : chunk
      if (rest === undefined) return DONE
      const waiting = { rest, ...Promise.withResolvers<void>() }
      this.#waiting.push(waiting)
      return waiting.promise
    } catch (reason) {
      // Of a sink that throws the standard errors the writable, but tells it nothing.
      this.#connection.abort(reason)
      return Promise.reject(reason)
    }
  }

  async close(): Promise<void> {
    this.isClosing = true
    await this.ready
    await this.#connection.finish()
  }

  /** The writable errors by itself, and its `abort()` rejects when it is told to. */
  abort(reason: unknown): void {
    this.#reject(reason)
    this.#connection.abort(reason)
  }

  /** There is room. */
  advance(): void {
    try {
      for (let first = this.#waiting.peek(); first !== undefined; first = this.#waiting.peek()) {
        const rest = this.#sendSome(first.rest)
        if (rest !== undefined) {
          first.rest = rest
          return
        }
        this.#waiting.shift()
        first.resolve()
      }
    } catch (reason) {
      return this.#connection.abort(reason)
    }
    this.#ready?.resolve()
    this.#ready = undefined
  }

  /** Takes no more. */
  fail(reason: unknown): void {
    if (this.#failure !== undefined) return
    this.#controller?.error(reason)
    this.#reject(reason)
  }

  async #afterStart(started: Promise<void>): Promise<void> {
    await started
    this.#isStarted = true
    this.advance()
  }

  /** Sends pieces while there is room; gives what is left when there is none, if only nothing. */
  #sendSome(chunk: Uint8Array): Uint8Array | undefined {
    if (!(chunk instanceof Uint8Array)) {
      throw new TypeError(`Cannot send a chunk of ${typeof chunk}: want bytes`)
    }
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

  #reject(reason: unknown): void {
    this.#failure ??= { reason }
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      next.reject(reason)
    }
    this.#ready?.reject(reason)
    this.#ready = undefined
  }
}

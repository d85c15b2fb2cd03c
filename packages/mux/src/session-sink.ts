import type { DirectSink } from "./direct-writable.ts"

const DONE: Promise<void> = Promise.resolve()

/** What a session makes of what the transport brings. */
export interface SessionSinkHost {
  receive(chunk: Uint8Array): void
  /** The transport has ended, with `reason` unless in order. */
  ended(reason: unknown): void
}

/** The underlying sink of a session's writable: it takes what comes at once, whatever is slow. */
export class SessionSink implements DirectSink<Uint8Array> {
  isClosing = false
  readonly room = 1
  readonly ready: Promise<void> = DONE
  readonly #host: SessionSinkHost
  #controller: WritableStreamDefaultController | undefined

  constructor(host: SessionSinkHost) {
    this.#host = host
  }

  get isOpen(): boolean {
    return !this.isClosing && this.#controller !== undefined
  }

  start(controller: WritableStreamDefaultController): void {
    this.#controller = controller
  }

  push(chunk: Uint8Array): Promise<void> {
    try {
      this.write(chunk)
      return DONE
    } catch (error) {
      return Promise.reject(error)
    }
  }

  write(chunk: Uint8Array): void {
    if (chunk instanceof Uint8Array) return this.#host.receive(chunk)
    const state = `a session takes Uint8Array chunks`
    const error = new TypeError(`Cannot receive ${typeof chunk}: ${state}`)
    this.fail(error)
    this.#host.ended(error)
    throw error
  }

  close(): void {
    this.#host.ended(undefined)
  }

  abort(reason: unknown): void {
    this.#controller = undefined
    this.#host.ended(reason)
  }

  /** Takes no more. */
  fail(reason: unknown): void {
    this.#controller?.error(reason)
    this.#controller = undefined
  }
}

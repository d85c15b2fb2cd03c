import { checkBytes } from "@bellmouth/core"
import { DirectSink } from "../streams/direct-sink.ts"
import { plainBytes } from "../streams/plain-bytes.ts"

/** What a session makes of what the transport brings. */
export interface SessionSinkHost {
  receive(chunk: Uint8Array): void
  /** The transport has ended, with `reason` unless in order. */
  ended(reason: unknown): void
}

/** The underlying sink of a session's writable: it takes what comes at once, whatever is slow. */
export class SessionSink extends DirectSink<Uint8Array> {
  protected readonly free = 1
  readonly #host: SessionSinkHost

  constructor(host: SessionSinkHost) {
    super()
    this.#host = host
  }

  close(): void {
    this.isClosing = true
    this.#host.ended(undefined)
  }

  override abort(reason: unknown): void {
    this.failWrites(reason)
    this.#host.ended(reason)
  }

  protected override take(chunk: Uint8Array): boolean {
    checkBytes("receive", chunk)
    this.#host.receive(plainBytes(chunk))
    return true
  }

  protected override giveUp(error: unknown): void {
    this.fail(error)
    this.#host.ended(error)
  }
}

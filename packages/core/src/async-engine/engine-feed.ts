import type { Engine } from "../engine/engine.ts"
import type { Outlet } from "../engine/outlet.ts"
import { isThenable } from "../is-thenable.ts"
import type { Feed } from "./feed.ts"

/** What an {@link EngineFeed} feeds; the callbacks are those of the standard's underlying sink. */
export interface Fed {
  /** Whether a chunk would be worked on at once. */
  readonly hungry: boolean
  /** Called once, first; no chunk is written before it is done. */
  attach(feed: Feed): Promise<void> | undefined
  write(chunk: unknown): void | Promise<void>
  close(): Promise<void>
  /** What feeds it has failed; all that came before has been written. */
  fail(reason: unknown): void
  /** What feeds it was aborted: at once. */
  abortNow(reason: unknown): void
}

/**
 * Feeds an asynchronous stage straight from the engine before it, in place of a native pipe and a
 * native writable: one chunk at a time, and one fetched ahead while a chunk is being worked on, so
 * that the stages overlap.
 */
export class EngineFeed implements Outlet, Feed {
  readonly #upstream: Engine
  readonly #fed: Fed
  #isReady = false
  #isBusy = false
  #isOver = false
  #isAsked = false
  #ahead: { readonly chunk: unknown } | undefined
  #ending: { readonly failure?: { readonly reason: unknown } } | undefined

  constructor(upstream: Engine, fed: Fed) {
    this.#upstream = upstream
    this.#fed = fed
    upstream.connectOutlet(this)
    const attached = fed.attach(this)
    if (attached === undefined) this.#isReady = true
    // When it fails the stage has told its reader, and has stopped this.
    else attached.then(this.#onReady, () => {})
    // Its reader asked before there was anything to ask; the chain is put together by then.
    if (fed.hungry) void Promise.resolve().then(() => this.want())
  }

  want(): void {
    if (this.#isOver || this.#isAsked || this.#ahead !== undefined || this.#ending) return
    this.#isAsked = true
    this.#upstream.pull(1)
  }

  stop(reason: unknown): Promise<void> | undefined {
    if (this.#isOver) return undefined
    this.#isOver = true
    this.#ahead = undefined
    try {
      return this.#upstream.cancel(reason)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  chunk(chunk: unknown): void {
    this.#isAsked = false
    this.#ahead = { chunk }
    this.#advance()
  }

  close(): void {
    this.#ending = {}
    this.#advance()
  }

  error(reason: unknown): void {
    this.#ending = { failure: { reason } }
    this.#advance()
  }

  abort(reason: unknown): void {
    this.#isOver = true
    this.#ahead = undefined
    this.#fed.abortNow(reason)
  }

  readonly #onReady = (): void => {
    this.#isReady = true
    this.#advance()
  }

  readonly #onWritten = (): void => {
    this.#isBusy = false
    this.#advance()
    if (this.#fed.hungry) this.want()
  }

  /** Does what comes next: the chunk that was fetched ahead, or the end. */
  #advance(): void {
    if (!this.#isReady || this.#isBusy || this.#isOver) return
    const next = this.#ahead
    this.#ahead = undefined
    if (next !== undefined) this.#write(next.chunk)
    else if (this.#ending !== undefined) this.#tellEnd(this.#ending)
  }

  #write(chunk: unknown): void {
    this.#isBusy = true
    let written: void | Promise<void>
    try {
      written = this.#fed.write(chunk)
    } catch {
      return // the stage has told its reader, and has stopped this
    }
    if (isThenable(written)) written.then(this.#onWritten, () => {})
    else this.#onWritten()
  }

  #tellEnd({ failure }: { readonly failure?: { readonly reason: unknown } }): void {
    this.#isOver = true
    if (failure !== undefined) this.#fed.fail(failure.reason)
    // What it rejects with is told to the stage's reader.
    else this.#fed.close().catch(() => {})
  }
}

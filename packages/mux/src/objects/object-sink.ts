import { EndingSink } from "../streams/ending-sink.ts"
import type { ObjectChannelCore } from "./object-channel-core.ts"

/** The underlying sink of a channel's writable: a chunk is posted while there is credit. */
export class ObjectSink extends EndingSink<unknown> {
  readonly #core: ObjectChannelCore

  constructor(core: ObjectChannelCore) {
    super(core)
    this.#core = core
  }

  /** In chunks. */
  protected override get free(): number {
    return this.#core.balance
  }

  protected override take(chunk: unknown): boolean {
    if (this.#core.balance <= 0) return false
    this.#core.send(chunk)
    return true
  }
}

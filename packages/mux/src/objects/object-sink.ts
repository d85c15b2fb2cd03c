import { EndingSink } from "../streams/ending-sink.ts"
import type { ObjectChannelCore } from "./object-channel-core.ts"

interface Rest {
  readonly chunk: unknown
}

/** The underlying sink of a channel's writable: a chunk is posted while there is credit. */
export class ObjectSink extends EndingSink<unknown, Rest> {
  readonly #core: ObjectChannelCore

  constructor(core: ObjectChannelCore) {
    super(core)
    this.#core = core
  }

  /** In chunks. */
  protected override get free(): number {
    return this.#core.balance
  }

  override push(chunk: unknown): Promise<void> {
    return this.pushRest({ chunk })
  }

  protected override take(rest: Rest): Rest | undefined {
    if (this.#core.balance <= 0) return rest
    this.#core.send(rest.chunk)
    return undefined
  }
}

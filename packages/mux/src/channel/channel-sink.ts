import { checkUint8Array } from "../streams/check-uint8-array.ts"
import { DONE } from "../streams/direct-sink.ts"
import { EndingSink } from "../streams/ending-sink.ts"
import type { ChannelCore } from "./channel-core.ts"

/** What a channel's writable takes: an item, or several at once. */
export type ChannelChunk = Uint8Array | readonly Uint8Array[]

interface Rest {
  readonly chunk: ChannelChunk
  /** How many of its items have been taken; -1 before all have been checked. */
  taken: number
}

/** The underlying sink of a channel's writable: an item is taken while there is credit. */
export class ChannelSink extends EndingSink<ChannelChunk, Rest> {
  readonly #core: ChannelCore

  constructor(core: ChannelCore) {
    super(core)
    this.#core = core
  }

  /** In bytes. */
  protected override get free(): number {
    return this.#core.outbound.room
  }

  override push(chunk: ChannelChunk): Promise<void> {
    const isReady = this.failure === undefined && this.room > 0 && chunk instanceof Uint8Array
    if (!isReady || chunk.byteLength > this.#core.mostSentBytes) {
      return this.pushRest({ chunk, taken: -1 })
    }
    this.#core.write(chunk)
    return DONE
  }

  protected override take(rest: Rest): Rest | undefined {
    const { outbound } = this.#core
    const items = rest.chunk instanceof Uint8Array ? [rest.chunk] : rest.chunk
    if (rest.taken < 0) {
      for (const item of items) checkUint8Array("write", item)
      rest.taken = 0
    }
    while (outbound.room > 0) {
      const item = items[rest.taken]
      if (item === undefined) break
      this.#core.checkSize("write a chunk", item)
      rest.taken++
      this.#core.write(item)
    }
    return rest.taken < items.length ? rest : undefined
  }
}

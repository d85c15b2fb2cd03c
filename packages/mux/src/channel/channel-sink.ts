import { checkBytes, isBytes } from "@bellmouth/core"
import { EndingSink } from "../streams/ending-sink.ts"
import type { ChannelCore } from "./channel-core.ts"

/** What a channel's writable takes: an item, or several at once. */
export type ChannelChunk = Uint8Array | readonly Uint8Array[]

/** The underlying sink of a channel's writable: an item is taken while there is credit. */
export class ChannelSink extends EndingSink<ChannelChunk> {
  readonly #core: ChannelCore
  /** How many items of the array that waits have been taken; -1 before all have been checked. */
  #taken = -1

  constructor(core: ChannelCore) {
    super(core)
    this.#core = core
  }

  /** In bytes. */
  protected override get free(): number {
    return this.#core.outbound.room
  }

  protected override take(chunk: ChannelChunk): boolean {
    if (isBytes(chunk)) {
      checkBytes("write", chunk)
      return this.#takeItem(chunk)
    }
    if (this.#taken < 0) for (const item of chunk) checkBytes("write", item)
    this.#taken = Math.max(0, this.#taken)
    for (let item = chunk[this.#taken]; item !== undefined; item = chunk[++this.#taken]) {
      if (!this.#takeItem(item)) return false
    }
    this.#taken = -1
    return true
  }

  #takeItem(item: Uint8Array): boolean {
    if (this.free <= 0) return false
    this.#core.checkSize("write a chunk", item)
    this.#core.write(item)
    return true
  }
}

import { Ring } from "../streams/ring.ts"
import { MuxError } from "../wire/mux-error.ts"
import type { OmnistreamsOutput } from "./omnistreams-output.ts"
import { OutgoingChannel } from "./outgoing-channel.ts"
import { notOpen } from "./peer-channels.ts"

/** The channels opened here, by number. The number that has been free for longest is used next. */
export class OwnChannels {
  readonly #channels = new Map<number, OutgoingChannel>()
  readonly #free = new Ring<number>()
  readonly #output: OmnistreamsOutput
  readonly #maxMessageBytes: number
  readonly #onOver: () => void
  #opened = 0

  constructor(output: OmnistreamsOutput, maxMessageBytes: number, onOver: () => void) {
    this.#output = output
    this.#maxMessageBytes = maxMessageBytes
    this.#onOver = onOver
    // A demand that is late counts for the next user of the number: so that is long after.
    for (let id = 0; id < 256; id++) this.#free.push(id)
  }

  get size(): number {
    return this.#channels.size
  }

  /** @throws {MuxError} `REFUSED` when all 256 are open. */
  open(metadata: Uint8Array): WritableStream<Uint8Array> {
    const id = this.#free.shift()
    if (id === undefined) throw new MuxError("REFUSED", "Cannot open a channel: 256 are open")
    this.#opened = Math.max(this.#opened, id + 1)
    const channel = new OutgoingChannel(id, this.#output, this.#maxMessageBytes, () => {
      if (!this.#channels.delete(id)) return
      this.#free.push(id)
      this.#onOver()
    })
    this.#channels.set(id, channel)
    // Last: a peer in the same thread may answer before this returns.
    this.#output.push({ type: "open", id, metadata })
    return channel.writable
  }

  /**
   * A channel that a frame is about; undefined when it is over.
   *
   * @throws {MuxError} `PROTOCOL` when there was never one.
   */
  find(what: string, id: number): OutgoingChannel | undefined {
    if (id >= this.#opened) throw notOpen(what, id)
    return this.#channels.get(id)
  }

  /** The transport is gone. */
  failAll(error: unknown): void {
    const channels = [...this.#channels.values()]
    this.#channels.clear()
    for (const channel of channels) channel.fail(error)
  }
}

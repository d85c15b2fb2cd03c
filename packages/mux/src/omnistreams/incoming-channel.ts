import { fromPull } from "@bellmouth/core"
import { MuxError } from "../wire/mux-error.ts"
import { UnreadItems } from "./unread-items.ts"

/** A channel that the peer has opened. */
export interface OmnistreamsChannel {
  /** What its opener gave to `open`. */
  readonly metadata: Uint8Array
  /** Its chunks, which are asked for as they are read. `cancel()` tells the opener to stop. */
  readonly readable: ReadableStream<Uint8Array>
}

/** What a channel needs of its session. */
export interface IncomingHost {
  request(items: number): void
  cancel(): void
  /** So many bytes were taken, or dropped. */
  left(bytes: number): void
}

/** The reading end of a channel: asks for chunks as they are taken, and takes no others. */
export class IncomingChannel implements OmnistreamsChannel {
  readonly metadata: Uint8Array
  readonly readable: ReadableStream<Uint8Array>
  readonly #host: IncomingHost
  readonly #windowItems: number
  readonly #unread: UnreadItems<Uint8Array>
  /** Chunks that were asked for and have not come. */
  #asked = 0
  #isWanted = false

  constructor(metadata: Uint8Array, windowItems: number, host: IncomingHost) {
    this.metadata = metadata
    this.#windowItems = windowItems
    this.#host = host
    this.#unread = new UnreadItems({
      left: (item) => {
        host.left(item.length)
        this.#ask()
      },
      wanted: () => {
        this.#isWanted = true
        this.#ask()
      },
      cancelled: () => host.cancel(),
    })
    this.readable = fromPull(this.#unread)
  }

  /** @throws {MuxError} `FLOW_CONTROL` when it was not asked for. */
  receive(payload: Uint8Array): void {
    if (this.#asked === 0) {
      throw new MuxError("FLOW_CONTROL", "Cannot take a chunk: it was not asked for")
    }
    this.#asked--
    this.#unread.push(payload)
  }

  /** No more comes; with an error it fails behind what has come. */
  end(error: unknown): void {
    this.#unread.end(error)
  }

  /** Demand is gathered until it is half a window. */
  #ask(): void {
    if (!this.#isWanted || this.#unread.isOver) return
    const there = this.#asked + this.#unread.length
    if (there > this.#windowItems / 2) return
    if (this.#windowItems === 1) this.#isWanted = false // each read asks for its own
    if (there >= this.#windowItems) return
    this.#asked += this.#windowItems - there
    this.#host.request(this.#windowItems - there)
  }
}

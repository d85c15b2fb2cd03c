import { Ring } from "../streams/ring.ts"
import { ABORT, FIN, HEADER_BYTES, MORE, MOST } from "../wire/frame.ts"
import type { FrameWriter } from "../wire/frame-writer.ts"
import { NOTHING } from "../wire/nothing.ts"
import type { WireReason } from "../wire/wire-reason.ts"

const LEAST_CUT_BYTES = 4096

/** What comes behind the last item: FIN, or ABORT with FIN. */
type Ending = WireReason | "fin"

/** One direction as its sender sees it: what waits for credit and for the transport. Pure. */
export class Outbound {
  /** What may still be sent. */
  balance = 0
  /** What the last CREDIT gave. */
  given: number = MOST
  /** What waits here. */
  queued = 0
  /** The last frame was written, or there will be none. */
  isEnded = false
  /** Frames of DATA that were written, and not yet answered by a CREDIT. */
  #unanswered = 0
  /** Nothing may be added. */
  isEnding = false
  /** What it fails with as soon as it may, where nothing waits for that. */
  aborted: WireReason | undefined
  /** How many still work for the channel: its place is free, and it ends, behind them. */
  holds = 0
  readonly #most: number
  readonly #items = new Ring<Uint8Array>()
  #offset = 0
  #ending: Ending | undefined

  constructor(maxQueuedBytes: number) {
    this.#most = maxQueuedBytes
  }

  /** How much more is taken; an item is taken while this is above 0. */
  get room(): number {
    return (this.balance < this.#most ? this.balance : this.#most) - this.queued
  }

  /** Whether a frame could be written now. */
  get canSend(): boolean {
    if (this.isEnded) return false
    return this.#items.length > 0 ? this.balance > 0 : this.#ending !== undefined && this.mayEnd
  }

  /** Whether it may end: nobody works for the channel. */
  get mayEnd(): boolean {
    return this.holds === 0
  }

  get isEmpty(): boolean {
    return this.#items.length === 0
  }

  /** A CREDIT has come: whether there was DATA for it to answer. */
  answered(): boolean {
    if (this.#unanswered === 0) return false
    this.#unanswered--
    return true
  }

  push(item: Uint8Array): void {
    this.#items.push(item)
    this.queued += HEADER_BYTES + item.byteLength
  }

  /** Ends it behind what is queued. */
  end(ending: Ending): void {
    this.isEnding = true
    this.#ending = ending
  }

  /** Drops what is queued. */
  drop(): void {
    this.isEnding = true
    this.#ending = undefined
    this.#items.clear()
    this.queued = 0
    this.#offset = 0
  }

  /** Writes the next frame; only where `canSend`. */
  send(writer: FrameWriter, id: number, maxFrameBytes: number): void {
    const item = this.#items.peek()
    if (item === undefined) return this.#sendEnding(writer, id)
    const from = this.#offset
    // Who gives little credit at a time wants little ahead of all else. Of bytes a cut costs a copy.
    const isCut = this.given < maxFrameBytes && !writer.isByteStream
    const most = Math.min(maxFrameBytes, isCut ? Math.max(LEAST_CUT_BYTES, this.balance) : MOST)
    const to = item.byteLength - from > most ? from + most : item.byteLength
    let flags = 0
    if (to < item.byteLength) {
      flags = MORE
      this.#offset = to
    } else {
      this.#items.shift()
      this.#offset = 0
      this.queued -= HEADER_BYTES
      // An empty item with FIN would be an end and no item.
      if (this.#ending === "fin" && this.mayEnd && this.isEmpty && item.byteLength > 0) {
        flags = FIN
        this.isEnded = true
      }
    }
    this.queued -= to - from
    this.balance -= HEADER_BYTES + to - from
    this.#unanswered++
    writer.data(id, flags, item, from, to)
  }

  #sendEnding(writer: FrameWriter, id: number): void {
    if (this.#ending === undefined) return
    this.isEnded = true
    if (this.#ending === "fin") writer.data(id, FIN, NOTHING, 0, 0)
    else writer.put(ABORT, FIN, id, this.#ending.text, this.#ending.code)
  }
}

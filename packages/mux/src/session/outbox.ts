import type { ChannelCore } from "../channel/channel-core.ts"
import { Ring } from "../streams/ring.ts"
import type { Control, FrameWriter } from "../wire/frame-writer.ts"

/** What goes out next: controls in the order they were made, OPENs, then one DATA of each channel in turn. */
export class Outbox {
  readonly #controls = new Ring<Control>()
  readonly #turns = new Ring<ChannelCore>()

  get isEmpty(): boolean {
    return this.#controls.length === 0 && this.#turns.length === 0
  }

  control(write: Control): void {
    this.#controls.push(write)
  }

  /** Gives `channel` a turn, if it can use one. */
  offer(channel: ChannelCore): void {
    if (channel.isInTurn || channel.id === undefined || !channel.outbound.canSend) return
    channel.isInTurn = true
    this.#turns.push(channel)
  }

  clear(): void {
    this.#controls.clear()
    this.#turns.clear()
  }

  /**
   * Writes frames until `batchBytes` are reached: `open` one OPEN, if it can; `sent` is told of each that
   * wrote DATA.
   */
  fill(
    writer: FrameWriter,
    batchBytes: number,
    maxFrameBytes: number,
    open: () => boolean,
    sent: (channel: ChannelCore) => void,
  ): void {
    while (writer.byteLength < batchBytes) {
      const control = this.#controls.shift()
      if (control !== undefined) {
        control(writer)
        continue
      }
      if (open()) continue
      const next = this.#turns.shift()
      if (next === undefined) return
      next.isInTurn = false
      const { id, outbound } = next
      if (id === undefined || !outbound.canSend) continue
      // Alone it need not queue for its next turn.
      do outbound.send(writer, id, maxFrameBytes)
      while (
        this.#turns.length === 0 &&
        this.#controls.length === 0 &&
        outbound.canSend &&
        writer.byteLength < batchBytes
      )
      this.offer(next)
      sent(next)
    }
  }
}

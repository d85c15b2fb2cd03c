import { MuxError } from "../wire/mux-error.ts"
import type { IncomingChannel } from "./incoming-channel.ts"

/**
 * The channels that the peer opens, by number. A number that was cancelled here still gets what was on
 * its way, until the peer uses it again.
 */
export class PeerChannels {
  readonly #slots = new Map<number, IncomingChannel | "cancelled" | "ended">()
  /** How many are open. */
  size = 0

  /** A peer that opens a number again has given the channel before up: v0 has no frame for that. */
  open(id: number, channel: IncomingChannel): void {
    this.#leave(id, channel)?.end(new MuxError("CANCELLED", "The peer has given the channel up"))
    this.size++
  }

  /** A channel that is refused. */
  refuse(id: number): void {
    this.#leave(id, "cancelled")?.end(
      new MuxError("CANCELLED", "The peer has given the channel up"),
    )
  }

  /** Nobody reads `channel` any more; false when it is over already. */
  cancel(id: number, channel: IncomingChannel): boolean {
    if (this.#slots.get(id) !== channel) return false
    this.#leave(id, "cancelled")
    return true
  }

  /** @throws {MuxError} `PROTOCOL` when there is no such channel, or it has ended; `FLOW_CONTROL`. */
  data(id: number, payload: Uint8Array): boolean {
    const slot = this.#slots.get(id)
    if (slot === "cancelled") return false
    if (slot === undefined || slot === "ended") throw notOpen("data", id)
    slot.receive(payload)
    return true
  }

  /** @throws {MuxError} `PROTOCOL` when there was never such a channel. */
  end(id: number): void {
    // The published package ends a channel as often as it is told to.
    if (!this.#slots.has(id)) throw notOpen("an end", id)
    this.#leave(id, "ended")?.end(undefined)
  }

  /** The transport is gone. */
  endAll(error: unknown): void {
    for (const id of this.#slots.keys()) this.#leave(id, "ended")?.end(error)
  }

  #leave(id: number, next: IncomingChannel | "cancelled" | "ended"): IncomingChannel | undefined {
    const slot = this.#slots.get(id)
    this.#slots.set(id, next)
    if (slot === undefined || typeof slot === "string") return undefined
    this.size--
    return slot
  }
}

/** What a peer is told, or rather: what the session ends with. */
export function notOpen(what: string, id: number): MuxError {
  return new MuxError("PROTOCOL", `Cannot handle ${what}: channel ${id} is not open`)
}

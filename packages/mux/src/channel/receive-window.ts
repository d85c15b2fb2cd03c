import { MuxError } from "../wire/mux-error.ts"

/** What a peer may send in one direction, and when it may send more. Pure numbers. */
export class ReceiveWindow {
  /** The most credit that is out at a time, in bytes. */
  size: number
  /** What the peer may still send; below 0 by one frame at most. */
  balance: number
  /** Taken by the application, and not yet given back as credit. */
  taken = 0

  constructor(size: number) {
    this.size = size
    this.balance = size
  }

  /** @throws {MuxError} `FLOW_CONTROL` when the peer had no balance. */
  arrive(cost: number): void {
    if (this.balance <= 0) {
      throw new MuxError("FLOW_CONTROL", `Cannot receive data: the balance was ${this.balance}`)
    }
    this.balance -= cost
  }

  /**
   * The application has taken so much; gives the credit to send now, which is 0 below half a window.
   * What would make the balance more than `most` is kept for later.
   */
  take(cost: number, most: number): number {
    this.taken += cost
    const size = Math.min(this.size, most)
    const credit = this.taken - this.size + size
    if (2 * credit < size) return 0
    this.taken -= credit
    this.balance += credit
    return credit
  }

  /** Widens it; gives the credit to send now. */
  grow(size: number): number {
    const credit = size - this.size
    this.size = size
    this.balance += credit
    return credit
  }
}

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

  /** The application has taken so much; gives the credit to send now, which is 0 below half a window. */
  take(cost: number): number {
    this.taken += cost
    if (2 * this.taken < this.size) return 0
    const credit = this.taken
    this.taken = 0
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

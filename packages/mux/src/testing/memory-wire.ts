import type { Clock } from "@bellmouth/core"
import { connectionLost } from "../transports/transport-error.ts"
import type { TransportController } from "../transports/underlying-transport.ts"

/** One piece that went over a connection in memory. */
export interface Delivery {
  /** `there`: from the first end to the second. */
  readonly direction: "there" | "back"
  readonly bytes: number
  /** By the clock of the connection. */
  readonly atMs: number
}

interface WireOptions {
  readonly clock: Clock
  readonly random: (below: number) => number
  readonly maxPieceBytes: number
  readonly maxDelayMs: number
  readonly bufferBytes: number
  readonly cutAtBytes: number
  readonly onDelivery: (delivery: Delivery) => void
  readonly onCut: () => void
}

/** One direction of a connection in memory: what is under way, and when the next piece arrives. */
export class MemoryWire {
  readonly direction: Delivery["direction"]
  readonly #options: WireOptions
  #writer: TransportController | undefined
  #reader: TransportController | undefined
  #underWay: Uint8Array[] = []
  #bytesUnderWay = 0
  #delivered = 0
  #isPaused = false
  #isHeld = false
  /** What comes behind the bytes under way. */
  #last: { readonly loss?: Error } | undefined
  #isOver = false
  #cancelArrival: (() => void) | undefined

  constructor(direction: Delivery["direction"], options: WireOptions) {
    this.direction = direction
    this.#options = options
  }

  set writer(controller: TransportController) {
    this.#writer = controller
  }

  set reader(controller: TransportController) {
    this.#reader = controller
    this.#schedule()
  }

  /** Takes a copy of some bytes; whether there is room for more. */
  send(bytes: Uint8Array): boolean {
    if (this.#isOver || this.#last !== undefined) return true
    this.#underWay.push(new Uint8Array(bytes))
    this.#bytesUnderWay += bytes.length
    this.#schedule()
    return this.#bytesUnderWay < this.#options.bufferBytes
  }

  /** The writer has ended. */
  end(): void {
    this.#last ??= {}
    this.#schedule()
  }

  /** The reader learns of the loss next; what is under way is gone. */
  lose(how: string): void {
    this.#drop({ loss: connectionLost(how) })
  }

  /** The reader sees an end next; what is under way is gone. */
  truncate(): void {
    this.#drop({})
    this.#writer?.drain()
  }

  /** Nobody reads any more: what is written from now on is gone. */
  stop(): void {
    this.#isOver = true
    this.#underWay = []
    this.#cancelArrival?.()
    this.#cancelArrival = undefined
    this.#writer?.drain()
  }

  hold(): void {
    this.#isHeld = true
  }

  unhold(): void {
    this.#isHeld = false
    this.#schedule()
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
    this.#schedule()
  }

  #drop(last: { readonly loss?: Error }): void {
    this.#underWay = []
    this.#bytesUnderWay = 0
    this.#last = last
    this.#schedule()
  }

  #schedule(): void {
    if (this.#isOver || this.#cancelArrival !== undefined || this.#reader === undefined) return
    // A reader that does not read holds back bytes and their end, not the news of a loss.
    const isStopped = this.#isHeld || (this.#isPaused && this.#last?.loss === undefined)
    if (isStopped || (this.#bytesUnderWay === 0 && this.#last === undefined)) return
    const { clock, random, maxDelayMs } = this.#options
    const delay = random(maxDelayMs + 1)
    this.#cancelArrival =
      delay === 0
        ? scheduleMicrotask(() => this.#arrive())
        : clock.schedule(() => this.#arrive(), delay)
  }

  #arrive(): void {
    this.#cancelArrival = undefined
    if (this.#isHeld) return
    if (this.#bytesUnderWay > 0) {
      if (!this.#isPaused) this.#deliver()
    } else if (this.#last !== undefined) {
      const { loss } = this.#last
      this.#isOver = true
      if (loss === undefined) this.#reader?.close()
      else this.#reader?.error(loss)
    }
    this.#schedule()
  }

  #deliver(): void {
    const { random, maxPieceBytes, bufferBytes, cutAtBytes, clock, onDelivery } = this.#options
    const most = Math.min(this.#bytesUnderWay, maxPieceBytes, cutAtBytes - this.#delivered)
    const wasFull = this.#bytesUnderWay >= bufferBytes
    const piece = this.#take(1 + random(most))
    this.#delivered += piece.length
    onDelivery({ direction: this.direction, bytes: piece.length, atMs: clock.now() })
    this.#reader?.enqueue(piece)
    if (this.#delivered >= cutAtBytes) this.#options.onCut()
    else if (wasFull && this.#bytesUnderWay < bufferBytes) this.#writer?.drain()
  }

  /** The next bytes, whatever chunks they came in. */
  #take(length: number): Uint8Array {
    const piece = new Uint8Array(length)
    let at = 0
    while (at < length) {
      const head = this.#underWay[0] ?? new Uint8Array(0)
      const part = head.subarray(0, length - at)
      piece.set(part, at)
      at += part.length
      if (part.length === head.length) this.#underWay.shift()
      else this.#underWay[0] = head.subarray(part.length)
    }
    this.#bytesUnderWay -= length
    return piece
  }
}

/** A timer of 0 ms takes one at least. */
function scheduleMicrotask(callback: () => void): () => void {
  let isWanted = true
  queueMicrotask(() => {
    if (isWanted) callback()
  })
  return () => {
    isWanted = false
  }
}

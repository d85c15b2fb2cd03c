import { FIN, HEADER_BYTES, MORE } from "../wire/frame.ts"
import { MuxError } from "../wire/mux-error.ts"
import { tooLarge } from "../wire/too-large.ts"
import { uint32At } from "../wire/uint32-at.ts"
import { Assembly } from "./assembly.ts"
import { FrameQueue } from "./frame-queue.ts"
import { ReceiveWindow } from "./receive-window.ts"
import type { TakesTurns, Turn } from "./turn.ts"

/** What a direction that is received needs of its session. */
export interface InboundHost {
  readonly maxItemBytes: number
  /** One item of a session at a time is given credit before it is whole. */
  readonly assembling: Turn<Inbound>
}

/** Told what the application took, or dropped, and whether there is credit for it. */
export interface InboundOwner {
  taken(cost: number, isCredited: boolean): void
}

const NEVER = (): boolean => false

/** One direction as its receiver sees it: what has come, what was taken, how it ended. Pure. */
export class Inbound implements TakesTurns {
  window: ReceiveWindow
  /** Whether the application waits for an item: only then is an unfinished one given credit. */
  isAwaited: () => boolean = NEVER
  /** The sender's last frame has come, or never will. */
  isEnded = false
  /** What the reader is told once everything is taken; undefined when it simply closes. */
  error: unknown
  readonly #host: InboundHost
  readonly #owner: InboundOwner
  readonly #queue = new FrameQueue()
  #assembly: Assembly | undefined
  /** The application takes no more. */
  isDropping = false

  constructor(host: InboundHost, windowBytes: number, owner: InboundOwner) {
    this.#host = host
    this.#owner = owner
    this.window = new ReceiveWindow(windowBytes)
  }

  /** What items were received and not taken. */
  get held(): number {
    return this.#queue.held
  }

  get isEmpty(): boolean {
    return this.#queue.isEmpty
  }

  /** A frame of DATA, which lies in `bytes` from `start` to `end`; its payload may lie apart from that. */
  data(bytes: Uint8Array, start: number, end: number, apart?: Uint8Array): void {
    const flags = uint32At(bytes, start) & 15
    const cost = end - start + (apart === undefined ? 0 : apart.byteLength)
    const isOnlyEnd = cost === HEADER_BYTES && (flags & FIN) !== 0
    if (!isOnlyEnd) this.window.arrive(cost)
    if (this.isDropping) this.#owner.taken(cost, false)
    if ((flags & MORE) !== 0 || this.#assembly !== undefined) {
      if (isOnlyEnd) throw endsWithinItem()
      const piece = apart ?? bytes.subarray(start + HEADER_BYTES, end)
      this.#piece(piece, cost, (flags & MORE) === 0)
    } else if (!isOnlyEnd) {
      this.#checkItem(cost - HEADER_BYTES)
      if (!this.isDropping) this.#queue.push(bytes, start, end, apart)
    }
    if ((flags & FIN) !== 0) this.isEnded = true
  }

  /** A piece of a request's body that came with its OPEN, at no cost. */
  head(bytes: Uint8Array): void {
    this.#piece(bytes, 0, false)
  }

  /** The sender's direction has failed: at once, or with `fin` after what is held. */
  abort(fin: boolean, error: unknown): void {
    if (fin && this.#assembly !== undefined) throw endsWithinItem()
    this.end(error, fin)
  }

  /** It has ended without a frame of the sender's. */
  end(error: unknown, isDelivered: boolean): void {
    this.isEnded = true
    this.#forgetAssembly()
    if (!isDelivered) this.#queue.clear()
    this.error = error
  }

  /** The application takes no more: what has come and what comes is dropped. */
  drop(): void {
    this.isDropping = true
    let { held } = this
    this.#queue.clear()
    if (this.#assembly !== undefined) {
      held += this.#assembly.cost
      this.#assembly.discard()
      this.#host.assembling.leave(this)
    }
    if (held > 0) this.#owner.taken(held, false)
  }

  /** The oldest item, for the application; undefined when there is none. */
  take(): Uint8Array | undefined {
    const item = this.#queue.take()
    if (item !== undefined) this.#took(this.#queue.cost)
    else this.onTurn() // the application has begun to wait
    return item
  }

  /** A chunk of the transport has been gone through. */
  settle(): void {
    this.#queue.settle()
  }

  #piece(piece: Uint8Array, cost: number, isLast: boolean): void {
    this.#assembly ??= new Assembly(this.#host.maxItemBytes)
    const assembly = this.#assembly
    // Its length counts against the limit also when nobody wants it.
    this.#checkItem(assembly.length + piece.byteLength)
    if (this.isDropping) assembly.length += piece.byteLength
    else assembly.add(piece, cost)
    if (!isLast) {
      if (this.#queue.isEmpty && this.isAwaited()) this.onTurn()
      return
    }
    this.#forgetAssembly()
    if (!this.isDropping) this.#queue.pushWhole(assembly.whole(), assembly.cost)
  }

  /** Gives the pieces so far back as credit, if the window needs it and it is this one's turn. */
  onTurn(): void {
    const assembly = this.#assembly
    if (assembly === undefined || this.isDropping) return
    if (2 * this.window.balance > this.window.size) return
    if (!this.#host.assembling.take(this)) return
    const { cost } = assembly
    assembly.cost = 0
    if (cost > 0) this.#took(cost)
  }

  #took(cost: number): void {
    this.#owner.taken(cost, !this.isEnded)
  }

  #forgetAssembly(): void {
    if (this.#assembly === undefined) return
    this.#assembly = undefined
    this.#host.assembling.leave(this)
  }

  #checkItem(length: number): void {
    if (length <= this.#host.maxItemBytes) return
    throw tooLarge("receive an item", length, this.#host.maxItemBytes)
  }
}

function endsWithinItem(): MuxError {
  return new MuxError("PROTOCOL", "Cannot end a channel: an item lacks its last piece")
}

import { type Frame, FrameDecoder } from "@bellmouth/mux"

export type Side = "near" | "far"

/** The payload of a frame of HELLO's default, here small so that items come in pieces. */
export const FRAME_BYTES = 4096
const HEADER_BYTES = 8

export function otherOf(side: Side): Side {
  return side === "near" ? "far" : "near"
}

/** What an item takes from a balance, in as many frames as it needs. */
export function costOf(bytes: number): number {
  return bytes + HEADER_BYTES * Math.max(1, Math.ceil(bytes / FRAME_BYTES))
}

/** One direction as sections 4 and 6 of RFC 0005 have it, by what has gone over the wire. */
export class WireDirection {
  balance: number
  /** The cost of all DATA that was sent. */
  sent = 0
  /** Credit that was given, but for the first. */
  given = 0
  /** FINs and ABORTs: one, in the end. */
  ends = 0
  isAborted = false
  isCancelled = false

  constructor(balance: number) {
    this.balance = balance
  }
}

/** Looks at the frames of both sides, and holds them to the rules of credit and ends. */
export class WireModel {
  readonly violations: string[] = []
  /** How many frames have passed. */
  frames = 0
  readonly #windowBytes: number
  readonly #directions = new Map<string, WireDirection>()

  constructor(windowBytes: number) {
    this.#windowBytes = windowBytes
    for (const sender of ["near", "far"] as const) {
      this.#directions.set(keyOf("near", 0, sender), new WireDirection(windowBytes))
    }
  }

  /** What `sender` sends on a channel; number 0: messages. */
  direction(opener: Side, number: number, sender: Side): WireDirection {
    const direction = this.#directions.get(keyOf(opener, number, sender))
    if (direction === undefined) throw new Error(`Channel ${number} of ${opener} was never opened`)
    return direction
  }

  /** A transform that changes nothing, and looks at what `sender` sends. */
  watch(sender: Side): TransformStream<Uint8Array, Uint8Array> {
    const decoder = new FrameDecoder()
    return new TransformStream({
      transform: (chunk, controller) => {
        decoder.push(chunk, (frame) => this.#look(sender, frame))
        controller.enqueue(chunk)
      },
    })
  }

  #look(sender: Side, frame: Frame): void {
    this.frames++
    if (frame.type === "open") return this.#open(sender, frame)
    if (!("id" in frame) || frame.type === "unknown") return
    const opener = frame.id > 0 ? sender : otherOf(sender)
    const number = Math.abs(frame.id)
    const isAnswer = frame.type === "credit" || frame.type === "cancel"
    const from = isAnswer ? otherOf(sender) : sender
    const direction = this.direction(number === 0 ? "near" : opener, number, from)
    const claim = (isTrue: boolean, what: string): void => {
      if (!isTrue) this.violations.push(`${from} on ${number} of ${opener}: ${what}`)
    }
    switch (frame.type) {
      case "data": {
        claim(direction.ends === 0, "DATA behind the end")
        if (frame.fin) direction.ends++
        if (frame.fin && frame.payload.length === 0) return
        claim(direction.balance > 0, `DATA at a balance of ${direction.balance}`)
        direction.balance -= HEADER_BYTES + frame.payload.length
        direction.sent += HEADER_BYTES + frame.payload.length
        return
      }
      case "credit":
        direction.balance += frame.credit
        direction.given += frame.credit
        return
      case "abort":
        claim(direction.ends === 0, "ABORT behind the end")
        direction.ends++
        direction.isAborted = true
        return
      case "cancel":
        claim(!direction.isCancelled, "a second CANCEL")
        direction.isCancelled = true
        return
      default:
        frame satisfies never
    }
  }

  #open(sender: Side, { id, credit, fin }: Frame & { readonly type: "open" }): void {
    const isNext = id === 1 || this.#directions.has(keyOf(sender, id - 1, sender))
    if (!isNext) this.violations.push(`${sender} opened ${id} out of turn`)
    const there = new WireDirection(this.#windowBytes)
    if (fin) there.ends++
    this.#directions.set(keyOf(sender, id, sender), there)
    this.#directions.set(keyOf(sender, id, otherOf(sender)), new WireDirection(credit))
  }
}

function keyOf(opener: Side, number: number, sender: Side): string {
  return `${opener} ${number} ${sender}`
}

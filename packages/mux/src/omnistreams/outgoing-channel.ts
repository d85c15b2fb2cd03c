import { MuxError } from "../wire/mux-error.ts"
import type { OmnistreamsOutput, QueuedFrame } from "./omnistreams-output.ts"

const MOST_DEMAND = 2 ** 31 - 1

/** The writing end of a channel: sends a chunk for each that was asked for. */
export class OutgoingChannel implements UnderlyingSink<Uint8Array> {
  readonly writable: WritableStream<Uint8Array>
  readonly #id: number
  readonly #output: OmnistreamsOutput
  readonly #maxPayloadBytes: number
  readonly #onOver: () => void
  #controller: WritableStreamDefaultController | undefined
  #demand = 0
  #isEnding = false
  /** Why nothing more is sent, once that is so. */
  #ended: { readonly reason: unknown } | undefined
  #waiting: PromiseWithResolvers<void> | undefined
  #queued: QueuedFrame | undefined
  #rejectSend: ((reason: unknown) => void) | undefined

  /** `onOver` is called when its number is free. */
  constructor(id: number, output: OmnistreamsOutput, maxMessageBytes: number, onOver: () => void) {
    this.#id = id
    this.#output = output
    this.#maxPayloadBytes = maxMessageBytes - 2
    this.#onOver = onOver
    this.writable = new WritableStream(this)
  }

  start(controller: WritableStreamDefaultController): void {
    this.#controller = controller
    // A sink's `abort` comes only after the write under way, and that may wait for ever.
    controller.signal.addEventListener("abort", () => this.#abort(controller.signal.reason))
  }

  async write(chunk: Uint8Array): Promise<void> {
    try {
      this.#check(chunk)
    } catch (error) {
      this.#abort(error)
      throw error
    }
    if (this.#demand === 0) {
      this.#waiting = Promise.withResolvers()
      await this.#waiting.promise
      this.#waiting = undefined
      // It may have ended since demand came.
      if (this.#ended !== undefined) throw this.#ended.reason
    }
    this.#demand--
    await new Promise<void>((resolve, reject) => {
      this.#rejectSend = reject
      const frame = { type: "data", id: this.#id, payload: chunk } as const
      this.#queued = this.#output.push(frame, resolve, reject)
    })
    this.#queued = undefined
  }

  close(): Promise<void> {
    this.#isEnding = true
    return new Promise((resolve, reject) => this.#end(resolve, reject))
  }

  /** @throws {MuxError} `FLOW_CONTROL` when more is asked for than can be counted. */
  requested(items: number): void {
    if (this.#demand + items > MOST_DEMAND) {
      throw new MuxError("FLOW_CONTROL", `Cannot count demand: more than ${MOST_DEMAND} chunks`)
    }
    this.#demand += items
    if (this.#demand > 0) this.#waiting?.resolve()
  }

  /** The peer reads no more. */
  cancelled(): void {
    if (this.#isEnding) return // its end is on the way, and frees the number
    this.#isEnding = true
    this.fail(new MuxError("CANCELLED", "The peer has cancelled the channel"))
    this.#onOver()
  }

  /** Nothing more can be sent. */
  fail(error: unknown): void {
    this.#isEnding = true
    this.#controller?.error(error)
    this.#drop(error)
  }

  /** v0 has no failure: what was not sent is dropped, and the peer sees an end. */
  #abort(reason: unknown): void {
    if (this.#isEnding) return
    this.#isEnding = true
    this.#drop(reason)
    this.#end()
  }

  #drop(reason: unknown): void {
    this.#ended ??= { reason }
    if (this.#queued !== undefined) this.#queued.isDropped = true
    this.#waiting?.reject(reason)
    this.#rejectSend?.(reason)
  }

  #end(resolve: () => void = () => {}, reject: (reason: unknown) => void = () => {}): void {
    const sent = (): void => {
      this.#onOver()
      resolve()
    }
    this.#output.push({ type: "end", id: this.#id }, sent, reject)
  }

  #check(chunk: unknown): void {
    if (!(chunk instanceof Uint8Array)) {
      throw new TypeError(`Cannot write ${typeof chunk}: want a Uint8Array`)
    }
    if (chunk.length <= this.#maxPayloadBytes) return
    const state = `it has ${chunk.length} bytes, a message takes ${this.#maxPayloadBytes}`
    throw new MuxError("TOO_LARGE", `Cannot write a chunk: ${state}`)
  }
}

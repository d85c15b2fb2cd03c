import type { PullSource, SourceController } from "@bellmouth/core"
import { Ring } from "../streams/ring.ts"
import { encodeOmnistreamsFrame, type OmnistreamsFrame } from "./omnistreams-frame.ts"
import { FRAME_OVERHEAD_BYTES } from "./omnistreams-options.ts"

/** A frame that waits for the transport. */
export interface QueuedFrame {
  readonly bytes: Uint8Array
  readonly cost: number
  readonly sent: () => void
  readonly failed: (reason: unknown) => void
  /** It is not sent any more. */
  isDropped: boolean
}

/** The underlying source of a session's readable: one message a frame, demand before data. */
export class OmnistreamsOutput implements PullSource<Uint8Array> {
  /** Bytes that wait, with what each frame costs besides; data is bounded by its channels. */
  queuedBytes = 0
  readonly #onCancel: (reason: unknown) => void
  readonly #urgent = new Ring<QueuedFrame>()
  readonly #queue = new Ring<QueuedFrame>()
  #controller: SourceController<Uint8Array> | undefined
  #onClosed: (() => void) | undefined

  constructor(onCancel: (reason: unknown) => void) {
    this.#onCancel = onCancel
  }

  start(controller: SourceController<Uint8Array>): void {
    this.#controller = controller
  }

  pull(): void {
    this.#advance()
  }

  cancel(reason: unknown): void {
    this.#controller = undefined
    this.#onCancel(reason)
  }

  /** Queues a frame behind others like it; all that is not data or a message goes first. */
  push(
    frame: OmnistreamsFrame,
    sent = (): void => {},
    failed: (reason: unknown) => void = () => {},
  ): QueuedFrame {
    const bytes = encodeOmnistreamsFrame(frame)
    const cost = frame.type === "data" ? 0 : bytes.length + FRAME_OVERHEAD_BYTES
    const queued = { bytes, cost, sent, failed, isDropped: false }
    const isUrgent = frame.type !== "data" && frame.type !== "message"
    const queue = isUrgent ? this.#urgent : this.#queue
    queue.push(queued)
    this.queuedBytes += cost
    this.#advance()
    return queued
  }

  /** Ends behind what waits. */
  close(onClosed: () => void): void {
    this.#onClosed = onClosed
    this.#advance()
  }

  /** Ends now; with a reason the transport is broken off. */
  cut(reason: unknown, error: { readonly reason: unknown } | undefined): void {
    const controller = this.#controller
    this.#controller = undefined
    for (const queue of [this.#urgent, this.#queue]) {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) next.failed(reason)
    }
    this.queuedBytes = 0
    if (error === undefined) controller?.close()
    else controller?.error(error.reason)
  }

  #advance(): void {
    const controller = this.#controller
    while (
      controller !== undefined &&
      this.#controller === controller &&
      controller.desiredSize > 0
    ) {
      const next = this.#urgent.shift() ?? this.#queue.shift()
      if (next === undefined) break
      this.queuedBytes -= next.cost
      if (next.isDropped) continue
      controller.enqueue(next.bytes)
      next.sent()
    }
    const onClosed = this.#onClosed
    if (onClosed === undefined || this.#urgent.length + this.#queue.length > 0) return
    this.#onClosed = undefined
    this.#controller = undefined
    controller?.close()
    onClosed()
  }
}

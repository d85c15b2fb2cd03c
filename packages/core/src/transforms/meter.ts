import { Stage } from "../stage/stage.ts"
import { type Clock, systemClock } from "../time/clock.ts"

/** Options of {@link meter}. */
export interface MeterOptions {
  /** Default: the runtime's own time. Its timers are not used. */
  readonly clock?: Clock
}

/** What a meter has seen so far. */
export interface MeterReading {
  readonly chunks: number
  /** The bytes of chunks that are binary; other chunks, such as strings, count 0. */
  readonly bytes: number
  /** Milliseconds from the first demand to the end, or to now. */
  readonly elapsedMs: number
  /** Chunks a second, over `elapsedMs`; 0 while no time has passed. */
  readonly chunksPerSecond: number
  /** Bytes a second, over `elapsedMs`; 0 while no time has passed. */
  readonly bytesPerSecond: number
  /** Milliseconds that the consumer has waited and nothing was at hand: the source is the slow side. */
  readonly waitingOnSourceMs: number
  /** Milliseconds from a chunk until the next demand: the sink is the slow side. */
  readonly waitingOnSinkMs: number
}

/**
 * A stage that counts and times what passes, and says which side is slow. Make one by {@link meter}.
 *
 * @example Which side is slow
 * ```ts
 * import assert from "node:assert/strict"
 * import { fromPull, meter, VirtualClock } from "@bellmouth/core"
 *
 * const clock = new VirtualClock()
 * const slow = fromPull<string>({
 *   pull: (controller) => void clock.schedule(() => controller.enqueue("late"), 50),
 * })
 * const traffic = meter<string>({ clock })
 * const read = slow.pipeThrough(traffic).getReader().read()
 * await clock.advance(50)
 * await read
 * assert.equal(traffic.read().waitingOnSourceMs, 50)
 * ```
 */
export class Meter<T> extends Stage<T, T> {
  readonly #gauge: Gauge

  constructor(options: MeterOptions = {}) {
    const gauge = new Gauge(options.clock ?? systemClock)
    super({
      transform(chunk, controller) {
        gauge.chunk(chunk)
        controller.enqueue(chunk)
        gauge.handedOn()
      },
      idle: () => gauge.waits(),
      flush: () => gauge.end(),
      cancel: () => gauge.end(),
    })
    this.#gauge = gauge
  }

  /** What has been seen so far; look at it at any time, also after the end. */
  read(): MeterReading {
    return this.#gauge.read()
  }
}

/**
 * Makes a stage that counts chunks and bytes and measures rates and waits, without disturbing the
 * stream.
 *
 * Time counts from the first demand. A synchronous source never makes anybody wait: the time that it
 * computes is part of the time between a chunk and the next, and so counts to the sink's side.
 *
 * @example Chunks and bytes
 * ```ts
 * import assert from "node:assert/strict"
 * import { collectBytes, meter } from "@bellmouth/core"
 *
 * const traffic = meter<Uint8Array>()
 * await collectBytes(new Blob(["12345"]).stream().pipeThrough(traffic))
 * assert.equal(traffic.read().bytes, 5)
 * ```
 */
export function meter<T>(options: MeterOptions = {}): Meter<T> {
  return new Meter(options)
}

/** On whom time is spent, and since when. */
interface Since {
  readonly side: "none" | "source" | "sink" | "over"
  readonly at: number
}

class Gauge {
  readonly #clock: Clock
  #chunks = 0
  #bytes = 0
  #sourceMs = 0
  #sinkMs = 0
  #beganAt: number | undefined
  #since: Since = { side: "none", at: 0 }

  constructor(clock: Clock) {
    this.#clock = clock
  }

  chunk(chunk: unknown): void {
    this.#turn("none")
    this.#chunks++
    if (ArrayBuffer.isView(chunk) || chunk instanceof ArrayBuffer) this.#bytes += chunk.byteLength
  }

  handedOn(): void {
    // What followed may have asked again, or ended the stream, before `enqueue` returned.
    if (this.#since.side === "none") this.#turn("sink")
  }

  waits(): void {
    if (this.#since.side !== "source") this.#turn("source")
  }

  end(): void {
    if (this.#since.side !== "over") this.#turn("over")
  }

  read(): MeterReading {
    const { side, at } = this.#since
    const now = side === "over" ? at : this.#clock.now()
    const elapsedMs = this.#beganAt === undefined ? 0 : now - this.#beganAt
    const perSecond = (count: number): number => (elapsedMs > 0 ? (count * 1000) / elapsedMs : 0)
    return {
      chunks: this.#chunks,
      bytes: this.#bytes,
      elapsedMs,
      chunksPerSecond: perSecond(this.#chunks),
      bytesPerSecond: perSecond(this.#bytes),
      waitingOnSourceMs: this.#sourceMs + (side === "source" ? now - at : 0),
      waitingOnSinkMs: this.#sinkMs + (side === "sink" ? now - at : 0),
    }
  }

  /** Books the time since the last turn and says on whom it is spent from now on. */
  #turn(side: Since["side"]): void {
    const at = this.#clock.now()
    this.#beganAt ??= at
    if (this.#since.side === "source") this.#sourceMs += at - this.#since.at
    if (this.#since.side === "sink") this.#sinkMs += at - this.#since.at
    this.#since = { side, at }
  }
}

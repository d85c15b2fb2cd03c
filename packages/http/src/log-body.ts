import type { Offset, RecordBatch } from "@bellmouth/log"
import type { RecordEncoder } from "./record-encoder.ts"
import type { Schedule } from "./schedule.ts"

/** What a body is made of. The body owns `reader`, also when `logBody` throws. */
export interface LogBodyInit {
  readonly reader: ReadableStreamDefaultReader<RecordBatch>
  /** A batch that was already read, to be sent first. */
  readonly first: RecordBatch | undefined
  readonly from: Offset
  readonly encoder: RecordEncoder
  /** How long the body may be silent, in milliseconds. 0 turns heartbeats off. */
  readonly heartbeatMs: number
  readonly schedule: Schedule
  /** Cancels the reader and errors the body: not every runtime cancels a body on disconnect. */
  readonly signal: AbortSignal
}

/**
 * The bytes of a response body: one chunk for each stored batch, pulled, with heartbeats between.
 *
 * A heartbeat is written only when the consumer waits for bytes, so that a stalled one holds at
 * most one chunk. `cancel` reaches the log's reader at once, also while the log is idle.
 */
export function logBody(init: LogBodyInit): ReadableStream<Uint8Array> {
  try {
    return new ReadableStream(new LogBodySource(init), { highWaterMark: 0 })
  } catch (error) {
    cancelReader(init.reader, error)
    throw error
  }
}

type Outcome =
  | { readonly type: "result"; readonly result: ReadableStreamReadResult<RecordBatch> }
  | { readonly type: "failure"; readonly error: unknown }

type BodyController = ReadableStreamDefaultController<Uint8Array>

class LogBodySource implements UnderlyingDefaultSource<Uint8Array> {
  readonly #init: LogBodyInit
  readonly #ready: Uint8Array[] = []
  #outcome: Outcome | undefined
  #isReading = false
  /** Set by cancel and abort: the controller must not be touched again. */
  #hasEnded = false
  /** Called by whatever happens first while a pull waits: the log's answer, or the heartbeat. */
  #wake: (() => void) | undefined
  #stopListening: () => void = () => {}

  constructor(init: LogBodyInit) {
    this.#init = init
    this.#prepare(init.encoder.start(init.from))
    if (init.first !== undefined) this.#prepare(init.encoder.encode(init.first))
  }

  start(controller: BodyController): void {
    const { signal, reader } = this.#init
    const onAbort = (): void => {
      this.#end()
      cancelReader(reader, signal.reason)
      // A server that cancels the body as well does so in this turn: to it, an error would be news.
      queueMicrotask(() => controller.error(signal.reason))
    }
    if (signal.aborted) return onAbort()
    signal.addEventListener("abort", onAbort, { once: true })
    this.#stopListening = () => signal.removeEventListener("abort", onAbort)
  }

  async pull(controller: BodyController): Promise<void> {
    while (true) {
      const prepared = this.#ready.shift()
      if (prepared !== undefined) return controller.enqueue(prepared)
      const outcome = await this.#next()
      if (this.#hasEnded) return
      if (outcome === undefined) {
        this.#prepare(this.#init.encoder.heartbeat.slice())
      } else if (outcome.type === "failure") {
        this.#end()
        throw outcome.error
      } else if (outcome.result.done) {
        this.#end()
        const last = this.#init.encoder.finish()
        if (last.byteLength > 0) controller.enqueue(last)
        return controller.close()
      } else {
        this.#encode(outcome.result.value)
      }
    }
  }

  cancel(reason: unknown): Promise<void> {
    this.#end()
    return this.#init.reader.cancel(reason)
  }

  #end(): void {
    this.#hasEnded = true
    this.#stopListening()
    this.#wake?.()
  }

  #encode(batch: RecordBatch): void {
    try {
      this.#prepare(this.#init.encoder.encode(batch))
    } catch (error) {
      this.#end()
      cancelReader(this.#init.reader, error)
      throw error
    }
  }

  #prepare(bytes: Uint8Array): void {
    if (bytes.byteLength > 0) this.#ready.push(bytes)
  }

  /** The log's next answer, or `undefined` when a heartbeat is due before it comes. */
  async #next(): Promise<Outcome | undefined> {
    this.#read()
    if (this.#outcome === undefined) await this.#wait()
    const outcome = this.#outcome
    this.#outcome = undefined
    return outcome
  }

  /** One read at a time, and one reaction to it however many heartbeats pass meanwhile. */
  #read(): void {
    if (this.#isReading || this.#outcome !== undefined) return
    this.#isReading = true
    const settle = (outcome: Outcome): void => {
      this.#isReading = false
      this.#outcome = outcome
      this.#wake?.()
    }
    this.#init.reader.read().then(
      (result) => settle({ type: "result", result }),
      (error: unknown) => settle({ type: "failure", error }),
    )
  }

  #wait(): Promise<void> {
    const { heartbeatMs, schedule, encoder } = this.#init
    return new Promise((resolve) => {
      const beats = heartbeatMs > 0 && encoder.heartbeat.byteLength > 0
      const stop = beats ? schedule(() => this.#wake?.(), heartbeatMs) : undefined
      this.#wake = () => {
        this.#wake = undefined
        stop?.()
        resolve()
      }
    })
  }
}

function cancelReader(reader: ReadableStreamDefaultReader<RecordBatch>, reason: unknown): void {
  // The body has already failed with `reason`; a second failure on the way out adds nothing to it.
  reader.cancel(reason).catch(() => {})
}

import { HandPair } from "./hand-pair.ts"
import { plant, twice, twiceOutputs, type Violator } from "./violator.ts"

const wrapped = (reason: unknown): unknown =>
  reason instanceof Error ? new Error(reason.message, { cause: reason }) : reason

/** Gives the last chunk once more to whoever reads past the end. */
class RepeatingReader extends ReadableStreamDefaultReader<unknown> {
  #last: unknown
  override async read(): Promise<ReadableStreamReadResult<unknown>> {
    const result = await super.read()
    if (!result.done) this.#last = result.value
    else if (this.#last !== undefined) {
      const value = this.#last
      if (this.#over) return { done: false, value }
      this.#over = true
    }
    return result
  }
  #over = false
}

/** Faults in how a stage comes to its end. */
export const endViolators: readonly Violator[] = [
  plant("end-seen", "looks for the end only when it is pulled", {
    pair: class extends HandPair<unknown, unknown> {
      protected override closeReadable(): void {
        if (this.wanted) super.closeReadable()
      }
    },
  }),
  plant("source-error", "wraps the source's error in another", {
    pair: class extends HandPair<unknown, unknown> {
      protected override aborted(reason: unknown): void {
        super.aborted(wrapped(reason))
      }
    },
  }),
  plant("sink-error", "wraps the sink's error in another", {
    pair: class extends HandPair<unknown, unknown> {
      protected override cancelled(reason: unknown): void {
        super.cancelled(wrapped(reason))
      }
    },
  }),
  plant("deliver-then-fail", "drops what it made before it failed", {
    pair: class extends HandPair<unknown, unknown> {
      protected override failed(reason: unknown): void {
        this.deliver()
        this.queue.length = 0
        super.failed(reason)
      }
    },
    stage: twice,
    subject: { outputs: twiceOutputs, failing: { input: null, outputs: [null, null] } },
  }),
  plant("deliver-then-fail", "tells its source only when the rest was read", {
    pair: class extends HandPair<unknown, unknown> {
      protected override async write(chunk: unknown): Promise<void> {
        try {
          await super.write(chunk)
        } catch (reason) {
          while (this.queue.length > 0) await this.waitForPull()
          throw reason
        }
      }
    },
    stage: twice,
    subject: { outputs: twiceOutputs, failing: { input: null, outputs: [null, null] } },
  }),
  plant("after-end", "gives a chunk after the end", {
    pair: class extends HandPair<unknown, unknown> {
      protected override makeReadable(
        source: UnderlyingDefaultSource<unknown>,
        strategy: QueuingStrategy<unknown>,
      ): ReadableStream<unknown> {
        const readable = new ReadableStream<unknown>(source, strategy)
        return Object.assign(readable, { getReader: () => new RepeatingReader(readable) })
      }
    },
  }),
  plant("terminate", "ends without a word to what feeds it", {
    // the pipe that feeds it never ends, and so holds all it has
    also: ["retention"],
    pair: class extends HandPair<unknown, unknown> {
      protected override terminated(): void {
        this.end ??= { type: "close" }
      }
      protected override write(chunk: unknown): Promise<void> {
        return this.end === undefined ? super.write(chunk) : new Promise(() => {})
      }
    },
    stage: () => {
      let seen = 0
      return {
        transform: (chunk, controller) => {
          controller.enqueue(chunk)
          if (++seen === 3) controller.terminate()
        },
      }
    },
    subject: { outputs: twiceOutputs.slice(0, 6).filter((_, index) => index % 2 === 0) },
  }),
]

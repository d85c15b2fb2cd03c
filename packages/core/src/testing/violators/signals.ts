import { HandPair } from "./hand-pair.ts"
import { plant, twice, twiceOutputs, type Violator } from "./violator.ts"

/** Its iterator lets go of the stream without a word; written out, as Safari has none of its own. */
class LeakingReadable extends ReadableStream<unknown> {
  override async *values(): AsyncGenerator<unknown, undefined> {
    const reader = this.getReader()
    try {
      for (let read = await reader.read(); !read.done; read = await reader.read()) yield read.value
    } finally {
      reader.releaseLock()
    }
  }
  override [Symbol.asyncIterator](): AsyncGenerator<unknown, undefined> {
    return this.values()
  }
}

/** Pipes to the end, whatever its signal says. */
class UnheedingReadable extends ReadableStream<unknown> {
  override pipeTo(
    destination: WritableStream<unknown>,
    { signal: _, ...options }: StreamPipeOptions = {},
  ): Promise<void> {
    return super.pipeTo(destination, options)
  }
}

/** Faults in cancel and abort, and in letting go. */
export const signalViolators: readonly Violator[] = [
  plant("cancel", "tells an idle source only at its next chunk", {
    pair: class extends HandPair<unknown, unknown> {
      #writing = false
      #late: { readonly reason: unknown } | undefined
      protected override async write(chunk: unknown): Promise<void> {
        if (this.#late) throw this.#late.reason
        this.#writing = true
        await super.write(chunk)
        this.#writing = false
      }
      protected override cancelled(reason: unknown): void {
        if (this.#writing) return super.cancelled(reason)
        this.#late = { reason }
        this.letGo(reason)
      }
    },
  }),
  plant("cancel", "gives the source a reason of its own", {
    pair: class extends HandPair<unknown, unknown> {
      protected override cancelled(reason: unknown): void {
        this.letGo(reason)
        super.cancelled(reason instanceof Error ? reason : { ...Object(reason) })
      }
    },
  }),
  plant("stage-cancel", "does not tell the stage", {
    pair: class extends HandPair<unknown, unknown> {
      protected override letGo(): void {
        this.transformer = undefined
      }
    },
  }),
  plant("early-stop", "does not cancel when its iterator returns", {
    pair: class extends HandPair<unknown, unknown> {
      protected override makeReadable(
        source: UnderlyingDefaultSource<unknown>,
        strategy: QueuingStrategy<unknown>,
      ): ReadableStream<unknown> {
        return new LeakingReadable(source, strategy)
      }
    },
  }),
  plant("abort", "closes its readable when it is aborted by the consumer's own reason", {
    pair: class extends HandPair<unknown, unknown> {
      protected override aborted(reason: unknown): void {
        if (reason instanceof Error) return super.aborted(reason)
        this.letGo(reason)
        this.ended({ type: "close" })
      }
    },
  }),
  plant("abort", "gives out what was queued before it errors", {
    pair: class extends HandPair<unknown, unknown> {
      protected override aborted(reason: unknown): void {
        this.letGo(reason)
        this.ended({ type: "error", reason })
      }
    },
    stage: twice,
    subject: { outputs: twiceOutputs },
  }),
  plant("pipe-abort", "does not look at the signal", {
    pair: class extends HandPair<unknown, unknown> {
      protected override makeReadable(
        source: UnderlyingDefaultSource<unknown>,
        strategy: QueuingStrategy<unknown>,
      ): ReadableStream<unknown> {
        return new UnheedingReadable(source, strategy)
      }
    },
  }),
  plant("retention", "keeps every chunk it was given", {
    pair: class extends HandPair<unknown, unknown> {
      readonly #kept: unknown[] = []
      protected override transform(chunk: unknown): void {
        this.#kept.push(chunk)
        super.transform(chunk)
      }
    },
  }),
  plant("retention", "keeps the stage after its end", {
    pair: class extends HandPair<unknown, unknown> {
      readonly #kept: unknown[] = []
      protected override letGo(reason: unknown): void {
        this.#kept.push(this.transformer)
        super.letGo(reason)
      }
    },
  }),
]

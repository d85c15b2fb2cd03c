import { HandPair } from "./hand-pair.ts"
import { plant, type Violator } from "./violator.ts"

/** Reads on whatever the sink says, and is honest in all else. */
class EagerReadable extends ReadableStream<unknown> {
  override async pipeTo(
    destination: WritableStream<unknown>,
    options: StreamPipeOptions = {},
  ): Promise<void> {
    if (options.signal) return super.pipeTo(destination, options)
    const reader = this.getReader()
    const writer = destination.getWriter()
    const failed = writer.closed.catch((reason: unknown) => reader.cancel(reason))
    failed.catch(() => {
      // writer.closed is waited for below, and is what pipeTo rejects with
    })
    try {
      for (let result = await reader.read(); !result.done; result = await reader.read()) {
        writer.write(result.value).catch(() => {
          // writer.closed rejects with it too
        })
      }
    } catch (reason) {
      await writer.abort(reason)
      throw reason
    }
    writer.close().catch(() => {
      // writer.closed rejects with it too
    })
    await writer.closed
  }
}

/** Faults in how much is taken in. */
export const flowViolators: readonly Violator[] = [
  plant("backpressure", "takes in all it is given until the first read", {
    pair: class extends HandPair<unknown, unknown> {
      #read = false
      readonly #early: unknown[] = []
      protected override pulled(): void {
        if (!this.#read) {
          this.#read = true
          for (const chunk of this.#early.splice(0)) this.transform(chunk)
        }
        super.pulled()
      }
      protected override async write(chunk: unknown): Promise<void> {
        if (this.#read) return super.write(chunk)
        this.#early.push(chunk)
      }
      protected override close(): void | Promise<void> {
        for (const chunk of this.#early.splice(0)) this.transform(chunk)
        return super.close()
      }
    },
  }),
  plant("backpressure", "runs its second stage over all that the first gave", {
    stage: () => ({
      transform: (chunk, controller) => {
        for (let copy = 0; copy < 3; copy++) controller.enqueue(chunk)
      },
    }),
    subject: {
      outputs: (inputs) => inputs.flatMap((chunk) => [chunk, chunk, chunk]),
      create: (probe) =>
        new HandPair<unknown, unknown>({
          transform: (chunk, controller) => {
            for (let copy = 0; copy < 3; copy++) {
              probe.transformed()
              controller.enqueue(chunk)
            }
          },
          cancel: (reason) => probe.cancelled(reason),
        }),
    },
  }),
  plant("sink-lead", "pipes to a sink without waiting for it", {
    pair: class extends HandPair<unknown, unknown> {
      protected override makeReadable(
        source: UnderlyingDefaultSource<unknown>,
        strategy: QueuingStrategy<unknown>,
      ): ReadableStream<unknown> {
        return new EagerReadable(source, strategy)
      }
    },
  }),
]

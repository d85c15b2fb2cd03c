import { HandPair } from "./hand-pair.ts"
import { plant, type Violator } from "./violator.ts"

const LETTERS = ["a", "b", "c", "d", "e", "f"]

/** Faults in what comes out. */
export const contentViolators: readonly Violator[] = [
  plant("order", "swaps the first two chunks", {
    stage: () => {
      let held: unknown
      let seen = 0
      return {
        transform: (chunk, controller) => {
          seen++
          if (seen === 1) held = chunk
          else controller.enqueue(chunk)
          if (seen === 2) controller.enqueue(held)
        },
      }
    },
  }),
  plant("order", "gives one chunk twice", {
    stage: () => {
      let seen = 0
      return {
        transform: (chunk, controller) => {
          controller.enqueue(chunk)
          if (++seen === 3) controller.enqueue(chunk)
        },
      }
    },
  }),
  plant("order", "loses one chunk", {
    stage: () => {
      let seen = 0
      return { transform: (chunk, controller) => void (++seen === 3 || controller.enqueue(chunk)) }
    },
  }),
  plant("chunking", "takes the end of a chunk for the end of a line", {
    stage: () => ({
      transform: (chunk, controller) => {
        for (const line of String(chunk).match(/[^\n]+\n?/g) ?? []) controller.enqueue(line)
      },
    }),
    subject: {
      inputs: ["one\n", "two\n", "three\n", "four\n", "five\n"],
      outputs: ["one\n", "two\n", "three\n", "four\n", "five\n"],
      splits: "text",
    },
  }),
  plant("chunking", "takes an empty chunk for the end", {
    stage: () => {
      let over = false
      return {
        transform: (chunk, controller) => {
          over ||= chunk === ""
          if (!over) controller.enqueue(chunk)
        },
      }
    },
    subject: { splits: "text", joins: "text", inputs: LETTERS, outputs: LETTERS },
  }),
  plant("interleaving", "loses a chunk when two reads wait", {
    pair: class extends HandPair<unknown, unknown> {
      #lost = 0
      protected override pulled(): void {
        if (this.wanted) this.#lost++
        super.pulled()
      }
      protected override deliver(): void {
        if (this.#lost === 1 && this.queue.length > 0) {
          this.#lost++
          this.queue.shift()
        }
        super.deliver()
      }
    },
  }),
  plant("flush", "refuses close() though all went well", {
    pair: class extends HandPair<unknown, unknown> {
      protected override async close(): Promise<void> {
        await super.close()
        throw new Error("refused")
      }
    },
  }),
  plant("flush", "never settles close()", {
    pair: class extends HandPair<unknown, unknown> {
      protected override async close(): Promise<void> {
        await super.close()
        await new Promise(() => {})
      }
    },
  }),
]

import { expect, test } from "vitest"
import { from } from "../sources/from.ts"
import { pipe } from "../stage/pipe.ts"
import { stage } from "../stage/stage.ts"

const apart = () =>
  stage<readonly number[], number>({
    transform(chunk, controller) {
      for (const each of chunk) controller.enqueue(each)
    },
  })

/** One chunk of three values, and then the end, while the values are still being read. */
const sources: Readonly<Record<string, () => ReadableStream<readonly number[]>>> = {
  "that has closed": () =>
    new ReadableStream(
      {
        pull(controller) {
          controller.enqueue([1, 2, 3])
          controller.close()
        },
      },
      { highWaterMark: 0 },
    ),
  "that closes later": () => {
    let isGiven = false
    return new ReadableStream(
      {
        pull(controller) {
          if (isGiven) return controller.close()
          controller.enqueue([1, 2, 3])
          isGiven = true
          queueMicrotask(() => controller.close())
        },
      },
      { highWaterMark: 0 },
    )
  },
  "that has failed": () =>
    new ReadableStream(
      {
        pull(controller) {
          controller.enqueue([1, 2, 3])
          queueMicrotask(() => controller.error(new Error("the source has failed")))
        },
      },
      { highWaterMark: 0 },
    ),
  "of ours that has closed": () => from([[1, 2, 3]]),
}

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve))

test.each(Object.entries(sources))(
  "a pipe from a source %s is cancelled without an error, whoever reads it",
  async (_, source) => {
    for (const isLate of [false, true]) {
      const reader = pipe(source(), apart()).getReader()
      expect((await reader.read()).value).toBe(1)
      if (isLate) await turn()
      await reader.cancel("enough")
      expect((await reader.read()).done).toBe(true)
    }
    const seen: number[] = []
    for await (const value of pipe(source(), apart())) {
      seen.push(value)
      await turn()
      break
    }
    expect(seen).toEqual([1])
  },
)

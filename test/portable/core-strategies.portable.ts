import { from, fromPull, stage } from "@bellmouth/core"
import { equal, ok, same, settle } from "./assert.ts"
import { readAll } from "./core-streams.ts"
import { type PortableSuite, skip } from "./suite.ts"

const boom = new Error("boom")

function blocks(count: number): { readable: ReadableStream<Uint8Array>; taken: () => number } {
  let taken = 0
  function* take(): Generator<Uint8Array> {
    while (taken < count) {
      taken++
      yield new Uint8Array(1000)
    }
  }
  return { readable: from(take()), taken: () => taken }
}

function failing(count: number): ReadableStream<number> {
  return fromPull({
    pull(controller) {
      for (let n = 0; n < count; n++) controller.enqueue(n)
      controller.error(boom)
    },
  })
}

function enqueueTellsOfSize(): boolean {
  let isTold = false
  const size = () => {
    throw boom
  }
  new ReadableStream<number>(
    {
      start(controller) {
        try {
          controller.enqueue(1)
        } catch (reason) {
          isTold = reason === boom
        }
      },
    },
    { highWaterMark: 1, size },
  )
  return isTold
}

export const suite: PortableSuite = {
  name: "core: queuing strategies",
  tests: {
    "a readableStrategy in bytes bounds the queue in bytes": async () => {
      const strategies = [
        new ByteLengthQueuingStrategy({ highWaterMark: 4000 }),
        { highWaterMark: 4000, size: (chunk: Uint8Array) => chunk.byteLength },
      ]
      for (const readableStrategy of strategies) {
        const source = blocks(50)
        const readable = source.readable.pipeThrough(stage({}, { readableStrategy }))
        await settle()
        equal(source.taken(), 4)
        equal((await readAll(readable)).chunks.length, 50)
      }
    },
    "a readableStrategy in chunks is filled before anyone reads": async () => {
      const source = blocks(50)
      const readableStrategy = new CountQueuingStrategy({ highWaterMark: 7 })
      const readable = source.readable.pipeThrough(stage({}, { readableStrategy }))
      await settle()
      equal(source.taken(), 7)
      ok(!readable.locked, "nobody reads yet")
    },
    "what is queued is delivered before an error, whatever the highWaterMark": async () => {
      for (const highWaterMark of [1, 3, 5, Number.POSITIVE_INFINITY]) {
        const slow = stage<number, number>({}, { readableStrategy: { highWaterMark } })
        const readable = failing(3).pipeThrough(slow)
        await settle()
        const { chunks, error } = await readAll(readable)
        equal(chunks, [0, 1, 2])
        same(error, boom)
      }
    },
    "a size function that throws fails the readable and cancels the source": async () => {
      if (!enqueueTellsOfSize()) skip("enqueue does not throw what a size function throws")
      const reasons: unknown[] = []
      const readableStrategy = {
        highWaterMark: 3,
        size() {
          throw boom
        },
      }
      const source = fromPull<number>({
        pull: (controller) => controller.enqueue(1),
        cancel: (reason) => void reasons.push(reason),
      })
      const failsToo = stage<number, number>(
        {
          transform(chunk, controller) {
            controller.enqueue(chunk)
            controller.enqueue(chunk)
          },
          cancel() {
            throw new Error("second")
          },
        },
        { readableStrategy },
      )
      const readable = source.pipeThrough(failsToo)
      await settle()
      same((await readAll(readable)).error, boom)
      equal(reasons, [boom])
    },
  },
}

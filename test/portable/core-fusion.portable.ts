import { compose, from, pipe, stage, toArray } from "@bellmouth/core"
import { equal, ok, settle } from "./assert.ts"
import { addOne, counter, readAll } from "./core-streams.ts"
import type { PortableSuite } from "./suite.ts"

const SEVERAL = 1000

function expander(count = SEVERAL, onCall: () => void = () => {}) {
  return stage<unknown, number>({
    transform(_chunk, controller) {
      onCall()
      for (let index = 0; index < count; index++) controller.enqueue(index)
    },
  })
}

/** Whether `second`'s transform runs inside the enqueue of `first`: the mark of one engine. */
async function isFused(
  join: (
    first: ReadableWritablePair<number, number>,
    second: ReadableWritablePair<number, number>,
  ) => ReadableStream<number>,
  options: Parameters<typeof stage<number, number>>[1] = {},
): Promise<boolean> {
  let isInside = false
  let wasInside = false
  const first = stage<number, number>({
    transform(chunk, controller) {
      isInside = true
      controller.enqueue(chunk)
      isInside = false
    },
  })
  const second = stage<number, number>(
    {
      transform(chunk, controller) {
        wasInside ||= isInside
        controller.enqueue(chunk)
      },
    },
    options,
  )
  const { chunks } = await readAll(join(first, second))
  equal(chunks, [0, 1, 2])
  return wasInside
}

export const suite: PortableSuite = {
  name: "core: fusion",
  tests: {
    "stages joined by pipeThrough run as one": async () => {
      const fused = await isFused((first, second) =>
        counter(3).readable.pipeThrough(first).pipeThrough(second),
      )
      ok(fused, "the second stage runs inside the first one's enqueue")
    },
    "stages joined by compose run as one": async () => {
      const fused = await isFused((first, second) =>
        counter(3).readable.pipeThrough(compose(first, second)),
      )
      ok(fused, "composed stages are fused")
    },
    "a composed stage fuses with what it is piped into": async () => {
      const fused = await isFused((first, second) =>
        counter(3)
          .readable.pipeThrough(compose(addOne(), first))
          .pipeThrough(second)
          .pipeThrough(stage({ transform: (chunk, controller) => controller.enqueue(chunk - 1) })),
      )
      ok(fused, "composed and single stages are fused")
    },
    "stages joined by pipe run as one": async () => {
      const fused = await isFused((first, second) => pipe(counter(3).readable, first, second))
      ok(fused, "piped stages are fused")
    },
    "a source of ours joins the engine": async () => {
      const fused = await isFused((first, second) =>
        from([0, 1, 2]).pipeThrough(first).pipeThrough(second),
      )
      ok(fused, "stages over an own source are fused")
    },
    "a pipe option is a boundary, not an error": async () => {
      for (const options of [
        { preventClose: true },
        { preventAbort: true },
        { preventCancel: true },
        { signal: new AbortController().signal },
      ]) {
        if (options.preventClose) continue // it would keep the second stage open
        const fused = await isFused((first, second) =>
          counter(3).readable.pipeThrough(first).pipeThrough(second, options),
        )
        ok(!fused, `no fusion with ${Object.keys(options)}`)
      }
    },
    "preventClose keeps the next stage open": async () => {
      const second = addOne()
      const { readable } = second
      void from([1]).pipeThrough(addOne()).pipeThrough(second, { preventClose: true })
      const reader = readable.getReader()
      equal(await reader.read(), { value: 3, done: false })
      let isOver = false
      void reader.closed.then(() => {
        isOver = true
      })
      await settle()
      ok(!isOver, "the second stage is still open")
    },
    "a strategy is a boundary on its side": async () => {
      const strategy = { highWaterMark: 2 }
      const join = (
        first: ReadableWritablePair<number, number>,
        second: ReadableWritablePair<number, number>,
      ) => counter(3).readable.pipeThrough(first).pipeThrough(second)
      ok(!(await isFused(join, { writableStrategy: strategy })), "a writable queue is kept")
      ok(await isFused(join, { readableStrategy: strategy }), "a readable queue may come last")
    },
    "a strategy is a boundary for what is piped after it": async () => {
      let isInside = false
      let wasInside = false
      const first = stage<number, number>(
        {
          transform(chunk, controller) {
            isInside = true
            controller.enqueue(chunk)
            isInside = false
          },
        },
        { readableStrategy: { highWaterMark: 4 } },
      )
      const second = stage<number, number>({
        transform(chunk, controller) {
          wasInside ||= isInside
          controller.enqueue(chunk)
        },
      })
      const { chunks } = await readAll(counter(3).readable.pipeThrough(first).pipeThrough(second))
      equal(chunks, [0, 1, 2])
      ok(!wasInside, "the queue between them is kept")
    },
    "a strategy between composed stages is a boundary": async () => {
      const strategy = { highWaterMark: 2 }
      const join = (
        first: ReadableWritablePair<number, number>,
        second: ReadableWritablePair<number, number>,
      ) => counter(3).readable.pipeThrough(compose(first, second))
      ok(!(await isFused(join, { writableStrategy: strategy })), "the queue is kept")
      let most = 0
      let ahead = 0
      const queued = stage<number, number>(
        {
          transform(chunk, controller) {
            ahead++
            controller.enqueue(chunk)
          },
        },
        { readableStrategy: { highWaterMark: 3 } },
      )
      const last = stage<number, number>({
        transform(chunk, controller) {
          most = Math.max(most, ahead--)
          controller.enqueue(chunk)
        },
      })
      const reader = counter().readable.pipeThrough(compose(queued, last)).getReader()
      await settle()
      await reader.read()
      ok(most > 1, `${most} chunks were ready in the queue`)
    },
    "foreign transforms in between are boundaries": async () => {
      const native = new TransformStream<number, number>()
      const readable = pipe(counter(3).readable, addOne(), native, addOne(), addOne())
      equal(await readAll(readable), { chunks: [3, 4, 5] })
      const chained = counter(3)
        .readable.pipeThrough(addOne())
        .pipeThrough(new TransformStream<number, number>())
        .pipeThrough(addOne())
      equal(await readAll(chained), { chunks: [2, 3, 4] })
      const composed = compose(addOne(), new TransformStream<number, number>(), addOne())
      equal(await readAll(counter(3).readable.pipeThrough(composed)), { chunks: [2, 3, 4] })
    },
    "intermediate ends are locked, as after any pipe": () => {
      const first = addOne()
      const second = addOne()
      const middle = counter(3).readable.pipeThrough(first)
      const end = middle.pipeThrough(second)
      ok(middle.locked && first.readable.locked && first.writable.locked, "the first is in use")
      ok(second.writable.locked, "the second one's writable is in use")
      ok(!end.locked, "the end is free")
    },
    "a stage serves one pipe": () => {
      const used = addOne()
      from([1]).pipeThrough(addOne()).pipeThrough(used)
      let error: unknown
      try {
        from([1]).pipeThrough(addOne()).pipeThrough(used)
      } catch (caught) {
        error = caught
      }
      ok(error instanceof TypeError, "a second pipe is a TypeError")
    },
    "a readable that was read before is piped on by the standard": async () => {
      const readable = from([1, 2, 3]).pipeThrough(addOne())
      const reader = readable.getReader()
      equal(await reader.read(), { value: 2, done: false })
      reader.releaseLock()
      equal(await toArray(readable.pipeThrough(addOne())), [4, 5])
    },
    "two expanders in a row: one read calls the second stage once": async () => {
      let calls = 0
      const source = counter()
      const reader = source.readable
        .pipeThrough(expander())
        .pipeThrough(
          expander(SEVERAL, () => {
            calls++
          }),
        )
        .getReader()
      await reader.read()
      await settle()
      equal(calls, 1)
      ok(source.pulls() <= 3, `the source was pulled ${source.pulls()} times`)
      for (let index = 1; index < SEVERAL; index++) await reader.read()
      equal(calls, 1)
      await reader.read()
      equal(calls, 2)
    },
    "nothing is read before somebody reads": async () => {
      const source = counter()
      pipe(source.readable, addOne(), addOne())
      await settle()
      equal(source.pulls(), 0)
    },
    "a slow sink holds the source back": async () => {
      const source = counter(20)
      let written = 0
      let lead = 0
      const stages = 3
      await pipe(source.readable, addOne(), addOne(), addOne()).pipeTo(
        new WritableStream({
          async write() {
            await settle()
            lead = Math.max(lead, source.pulls() - written)
            written++
          },
        }),
      )
      equal(written, 20)
      ok(lead <= stages + 1, `the source led by ${lead}`)
    },
    "a stage that takes over leaves nothing behind in the readable it joined": async () => {
      const source = counter(500)
      const first = source.readable.pipeThrough(addOne())
      await settle()
      const { chunks } = await readAll(first.pipeThrough(addOne()))
      equal(chunks.length, 500)
      equal(chunks[499], 501)
    },
  },
}

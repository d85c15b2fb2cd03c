import { compose, from, map, pipe, stage, toArray } from "@bellmouth/core"
import { equal, ok, settle, thrown } from "./assert.ts"
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

type Pair = ReadableWritablePair<number, number>
type Strategies = Parameters<typeof stage<number, number>>[1]

/**
 * Joins two stages over a source of 0, 1, 2 and tells the marks of one engine: the second stage runs
 * inside the first one's enqueue, and the first runs only when the end is read. A pipe between them
 * reads ahead.
 */
async function marks(
  join: (first: Pair, second: Pair) => ReadableStream<number>,
  firstOptions: Strategies = {},
  secondOptions: Strategies = {},
): Promise<{ isInside: boolean; ahead: number }> {
  let depth = 0
  let calls = 0
  let isInside = false
  const first = stage<number, number>(
    {
      transform(chunk, controller) {
        calls++
        depth++
        controller.enqueue(chunk)
        depth--
      },
    },
    firstOptions,
  )
  const second = stage<number, number>(
    {
      transform(chunk, controller) {
        isInside ||= depth > 0
        controller.enqueue(chunk)
      },
    },
    secondOptions,
  )
  const readable = join(first, second)
  await settle()
  const ahead = calls
  equal(await readAll(readable), { chunks: [0, 1, 2] })
  return { isInside, ahead }
}

async function isFused(join: (first: Pair, second: Pair) => ReadableStream<number>): Promise<void> {
  equal(await marks(join), { isInside: true, ahead: 0 })
}

export const suite: PortableSuite = {
  name: "core: fusion",
  tests: {
    "stages joined by pipeThrough run as one": () =>
      isFused((first, second) => counter(3).readable.pipeThrough(first).pipeThrough(second)),
    "stages joined by compose run as one": () =>
      isFused((first, second) => counter(3).readable.pipeThrough(compose(first, second))),
    "a composed stage fuses with what it is piped into": () =>
      isFused((first, second) =>
        counter(3)
          .readable.pipeThrough(compose(addOne(), first))
          .pipeThrough(second)
          .pipeThrough(map((chunk) => chunk - 1)),
      ),
    "stages joined by pipe run as one": () =>
      isFused((first, second) => pipe(counter(3).readable, first, second)),
    "a source of ours joins the engine": () =>
      isFused((first, second) => from([0, 1, 2]).pipeThrough(first).pipeThrough(second)),
    "a pipe option is a boundary, not an error": async () => {
      for (const options of [
        { preventAbort: true },
        { preventCancel: true },
        { signal: new AbortController().signal },
      ]) {
        const { ahead } = await marks((first, second) =>
          counter(3).readable.pipeThrough(first).pipeThrough(second, options),
        )
        ok(ahead > 0, `there is a pipe with ${Object.keys(options)}`)
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
      const joins = [
        (first: Pair, second: Pair) => counter(3).readable.pipeThrough(first).pipeThrough(second),
        (first: Pair, second: Pair) => counter(3).readable.pipeThrough(compose(first, second)),
        (first: Pair, second: Pair) => pipe(counter(3).readable, first, second),
      ]
      for (const join of joins) {
        const writable = await marks(join, {}, { writableStrategy: strategy })
        ok(writable.ahead > 0, "the queue of the second writable is kept")
        const readable = await marks(join, { readableStrategy: strategy }, {})
        ok(readable.ahead > 1, "the queue of the first readable is kept")
        const last = await marks(join, {}, { readableStrategy: strategy })
        ok(last.isInside, "a queue at the end leaves the stages fused")
        const head = await marks(join, { writableStrategy: strategy }, {})
        ok(head.isInside, "a queue at the beginning leaves the stages fused")
      }
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
    "a stage that is named twice in one chain is refused": async () => {
      const twice = addOne()
      const composed = addOne()
      for (const chain of [
        () => pipe(from([1]), twice, twice),
        () => from([1]).pipeThrough(compose(composed, composed)),
      ]) {
        ok(thrown(chain) instanceof TypeError, "it is in use the second time")
      }
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

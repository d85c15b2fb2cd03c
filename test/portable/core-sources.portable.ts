import {
  batch,
  from,
  fromPull,
  fromPush,
  type PushController,
  pipe,
  type SourceController,
  stage,
  take,
  toArray,
} from "@bellmouth/core"
import { equal, ok, rejection, same, settle } from "./assert.ts"
import { addOne, counter, readAll } from "./core-streams.ts"
import type { PortableSuite } from "./suite.ts"

const boom = new Error("boom")

export const suite: PortableSuite = {
  name: "core: sources",
  tests: {
    "from takes iterables of every kind": async () => {
      async function* numbers() {
        yield 1
        yield 2
      }
      const later = { [Symbol.asyncIterator]: () => numbers() }
      for (const iterable of [[1, 2], new Set([1, 2]), numbers(), later, [Promise.resolve(1), 2]]) {
        equal(await toArray(from<number>(iterable)), [1, 2])
        equal(await readAll(from<number>([1, 2]).pipeThrough(addOne())), { chunks: [2, 3] })
      }
    },
    "from refuses a string and what can not be iterated": () => {
      for (const wrong of ["ab", 1, null, undefined, {}]) {
        let error: unknown
        try {
          from(wrong as Iterable<unknown>)
        } catch (caught) {
          error = caught
        }
        ok(error instanceof TypeError, `refuses ${JSON.stringify(wrong)}`)
      }
    },
    "from hands on what the iterator throws, after its chunks": async () => {
      function* failing() {
        yield 1
        throw boom
      }
      const { chunks, error } = await readAll(from(failing()))
      equal(chunks, [1])
      same(error, boom)
      same(await rejection(toArray(from([Promise.reject(boom)]))), boom)
    },
    "cancel returns the iterator, once, and reads no further": async () => {
      let returned = 0
      let steps = 0
      const iterable: Iterable<number> = {
        [Symbol.iterator]: () => ({
          next: () => ({ value: steps++, done: false }),
          return: () => {
            returned++
            return { value: undefined, done: true }
          },
        }),
      }
      for await (const chunk of from(iterable)) if (chunk === 2) break
      equal([steps, returned], [3, 1])
    },
    "fromPull is pulled only on demand": async () => {
      let pulls = 0
      const readable = fromPull<number>({
        pull(controller) {
          controller.enqueue(pulls++)
        },
      })
      await settle()
      equal(pulls, 0)
      const reader = readable.getReader()
      await reader.read()
      await settle()
      equal(pulls, 1)
    },
    "fromPull waits for a promise before it pulls again": async () => {
      let running = 0
      let pulls = 0
      const readable = fromPull<number>({
        async pull(controller) {
          equal(running++, 0)
          await settle()
          controller.enqueue(pulls++)
          if (pulls === 3) controller.close()
          running--
        },
      })
      equal(await readAll(readable), { chunks: [0, 1, 2] })
    },
    "fromPull keeps what comes unasked, and ignores what comes after the end": async () => {
      const kept: { enqueue(chunk: number): void; close(): void; error(reason: unknown): void }[] =
        []
      const readable = fromPull<number>({
        start(controller) {
          kept.push(controller)
          controller.enqueue(1)
        },
      })
      kept[0]?.enqueue(2)
      const reader = readable.getReader()
      equal(await reader.read(), { value: 1, done: false })
      equal(await reader.read(), { value: 2, done: false })
      const later = reader.read()
      kept[0]?.enqueue(3)
      equal(await later, { value: 3, done: false })
      await reader.cancel()
      kept[0]?.enqueue(4)
      kept[0]?.close()
      kept[0]?.error(boom)
    },
    "fromPull hands cancel's reason to the source": async () => {
      const cancels: unknown[] = []
      const readable = fromPull({
        cancel(reason) {
          cancels.push(reason)
        },
      })
      await readable.cancel(boom)
      equal(cancels, [boom])
    },
    "what comes in the middle of a stage's work does not overtake it": async () => {
      const kept: { enqueue(chunk: number): void }[] = []
      const push = fromPull<number>({
        start(controller) {
          kept.push(controller)
        },
      })
      const twice = stage<number, number>({
        transform(chunk, controller) {
          controller.enqueue(chunk)
          if (chunk < 3) kept[0]?.enqueue(chunk + 1)
          controller.enqueue(chunk)
        },
      })
      const read = toArray(push.pipeThrough(twice).pipeThrough(take(6)))
      kept[0]?.enqueue(1)
      equal(await read, [1, 1, 2, 2, 3, 3])
    },
    "a chunk asked for in the middle of an expansion comes in order": async () => {
      const steps: Promise<IteratorResult<number, undefined>>[] = []
      const expand = stage<number, number>({
        transform(chunk, controller) {
          controller.enqueue(chunk)
          controller.enqueue(chunk + 1)
          steps.push(iterator.next())
          controller.enqueue(chunk + 2)
        },
      })
      const iterator = from([0]).pipeThrough(expand).values()
      equal((await iterator.next()).value, 0)
      equal((await steps[0])?.value, 1)
      equal((await iterator.next()).value, 2)
    },
    "a foreign source is read one chunk at a time": async () => {
      let reading = 0
      let most = 0
      const kept: ReadableStreamDefaultController<number>[] = []
      const readable = new ReadableStream<number>({
        start(controller) {
          kept.push(controller)
        },
      })
      const native = readable.getReader.bind(readable)
      readable.getReader = (() => {
        const reader = native()
        const read = reader.read.bind(reader)
        reader.read = async () => {
          most = Math.max(most, ++reading)
          const result = await read()
          reading--
          return result
        }
        return reader
      }) as typeof readable.getReader
      const batches = pipe(readable, batch<number>(8)).getReader()
      for (let round = 0; round < 3; round++) {
        const step = batches.read()
        await settle()
        kept[0]?.enqueue(round)
        equal((await step).value, [round])
      }
      equal(most, 1)
    },
    "from awaits whatever is thenable in an iterable": async () => {
      const thenable: PromiseLike<number> = {
        // biome-ignore lint/suspicious/noThenProperty: it is what the test is about
        then: (onFulfilled, onRejected) => Promise.resolve(7).then(onFulfilled, onRejected),
      }
      equal(await toArray(from([thenable, Promise.resolve(8), 9])), [7, 8, 9])
    },
    "a source's callbacks may return anything": async () => {
      let count = 0
      const source = {
        start: (controller: unknown) => controller,
        pull: (controller: SourceController<number>) =>
          count < 2 ? controller.enqueue(count++) : controller.close(),
      }
      const noisy: object = { ...source, pull: (c: SourceController<number>) => [source.pull(c)] }
      equal(await toArray(fromPull<number>(noisy)), [0, 1])
    },
    "what a push source gives in the middle of a stage's work comes after that work": async () => {
      const kept: PushController<string>[] = []
      const readable = fromPush<string>({
        start(controller) {
          kept.push(controller)
        },
      })
      for (const chunk of ["a", "b"]) kept[0]?.enqueue(chunk)
      const echo = stage<string, string>({
        transform(chunk, controller) {
          if (chunk.length === 1) kept[0]?.enqueue(chunk + chunk)
          controller.enqueue(chunk)
          if (chunk === "bb") kept[0]?.close()
        },
      })
      equal(await toArray(readable.pipeThrough(echo)), ["a", "b", "aa", "bb"])
    },
    "pipe gives the lock back when it is over": async () => {
      const ended = counter(2)
      equal(await toArray(pipe(ended.readable, addOne())), [1, 2])
      const cancelled = counter()
      await pipe(cancelled.readable, addOne()).cancel(boom)
      const failing = new ReadableStream<number>({
        pull() {
          throw boom
        },
      })
      same(await rejection(toArray(pipe(failing, addOne()))), boom)
      await settle()
      equal(
        [ended.readable, cancelled.readable, failing].map((readable) => readable.locked),
        [false, false, false],
      )
    },
    "batch gives what is at hand, never more than its limit": async () => {
      equal(await toArray(from([1, 2, 3, 4, 5]).pipeThrough(batch(2))), [[1, 2], [3, 4], [5]])
      const kept: { enqueue(chunk: number): void }[] = []
      const push = fromPull<number>({
        start(controller) {
          kept.push(controller)
        },
      })
      const reader = push.pipeThrough(batch(10)).getReader()
      const read = reader.read()
      await settle()
      kept[0]?.enqueue(1)
      equal(await read, { value: [1], done: false })
      kept[0]?.enqueue(2)
      kept[0]?.enqueue(3)
      equal(await reader.read(), { value: [2, 3], done: false })
    },
  },
}

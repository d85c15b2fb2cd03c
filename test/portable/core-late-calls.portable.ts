import {
  asyncStage,
  compose,
  forEach,
  from,
  fromPull,
  mapAsync,
  type SourceController,
  type StageController,
  stage,
  toArray,
} from "@bellmouth/core"
import { equal, rejection, same, settle } from "./assert.ts"
import { addOne } from "./core-streams.ts"
import type { PortableSuite } from "./suite.ts"

const boom = new Error("boom")

/** A stage that gives one more chunk when it is cancelled. */
function ghost() {
  let kept: StageController<number> | undefined
  return stage<number, number>({
    start(controller) {
      kept = controller
    },
    cancel() {
      kept?.enqueue(-1)
    },
  })
}

async function readRest(reader: ReadableStreamDefaultReader<number>): Promise<number[]> {
  const chunks: number[] = []
  for (let step = await reader.read(); !step.done; step = await reader.read()) {
    chunks.push(step.value)
  }
  return chunks
}

export const suite: PortableSuite = {
  name: "core: calls that come late",
  tests: {
    "what a stage gives while it is being cancelled goes nowhere": async () => {
      const seen: number[] = []
      const written: number[] = []
      const strict = stage<number, number>({
        transform(chunk, controller) {
          seen.push(chunk)
          if (chunk === 2) throw boom
          controller.enqueue(chunk)
        },
      })
      const sink = () => new WritableStream<number>({ write: (n) => void written.push(n) })
      const piped = from([1, 2, 3]).pipeThrough(compose(ghost(), strict)).pipeTo(sink())
      same(await rejection(piped), boom)
      equal([seen, written], [[1, 2], [1]])
      const controller = new AbortController()
      const idle = fromPull<number>({ pull: () => new Promise<void>(() => {}) })
      const options = { signal: controller.signal }
      const aborted = rejection(idle.pipeThrough(ghost()).pipeTo(sink(), options))
      await settle()
      controller.abort(boom)
      same(await aborted, boom)
      equal(written, [1])
    },
    "what is asked for while a stage is being cancelled still gets the error, and the source the cancel":
      async () => {
        const reasons: unknown[] = []
        const reads: Promise<unknown>[] = []
        let fail = (): void => {}
        const source = fromPull<number>({ cancel: (reason) => void reasons.push(reason) })
        const asks = stage<number, number>({ cancel: () => void reads.push(reader.read()) })
        const fails = stage<number, number>({
          start(controller) {
            fail = () => controller.error(boom)
          },
        })
        const reader = source.pipeThrough(compose(asks, fails)).getReader()
        const first = rejection(reader.read())
        await settle()
        fail()
        same(await first, boom)
        same(await rejection(Promise.all(reads)), boom)
        equal(reasons, [boom])
      },
    "what a source gives while a stage starts passes every stage, in order": async () => {
      const kept: SourceController<number>[] = []
      const readable = fromPull<number>({
        start(controller) {
          kept.push(controller)
        },
      })
      const giving = stage<number, number>({
        start() {
          kept[0]?.enqueue(2)
        },
      })
      const reader = readable.pipeThrough(addOne()).pipeThrough(giving).getReader()
      kept[0]?.enqueue(1)
      kept[0]?.enqueue(3)
      kept[0]?.close()
      equal(await readRest(reader), [2, 3, 4])
    },
    "what a source gives in its pull comes after what it gave inside a stage": async () => {
      const kept: SourceController<number>[] = []
      const readable = fromPull<number>({
        start(controller) {
          kept.push(controller)
        },
        pull(controller) {
          if (kept.length > 1) return
          kept.push(controller)
          controller.enqueue(1)
          controller.enqueue(3)
          controller.close()
        },
      })
      const giving = stage<number, number>({
        transform(chunk, controller) {
          if (chunk === 1) kept[0]?.enqueue(2)
          else controller.enqueue(chunk)
        },
      })
      equal(await readRest(readable.pipeThrough(giving).getReader()), [2, 3])
    },
    "a next that is asked for inside another comes after it": async () => {
      const kept: SourceController<number>[] = []
      const inner: Promise<IteratorResult<number, undefined>>[] = []
      const iterator = fromPull<number>({
        pull(controller) {
          if (kept.push(controller) === 1) inner.push(iterator.next())
        },
      }).values()
      const outer = iterator.next()
      for (const n of [1, 2]) kept[0]?.enqueue(n)
      equal([(await outer).value, (await inner[0])?.value], [1, 2])
    },
    "a flush that cancels its own readable does not hold up close": async () => {
      const reasons: unknown[] = []
      const pair = stage<number, number>({
        flush: () => void reader.cancel(boom),
        cancel: (reason) => void reasons.push(reason),
      })
      const reader = pair.readable.getReader()
      await pair.writable.getWriter().close()
      equal(await readRest(reader), [])
      equal(reasons, [])
    },
    "a source whose cancel fails under a stage that has ended before harms nobody": async () => {
      const reasons: unknown[] = []
      const source = () =>
        fromPull<number>({
          cancel(reason) {
            reasons.push(reason)
            throw new Error("second")
          },
        })
      const failed = asyncStage<number, number>({ start: (controller) => controller.error(boom) })
      same(await rejection(toArray(source().pipeThrough(failed))), boom)
      for (const over of [asyncStage<number, number>({}), mapAsync((n: number) => n)]) {
        await over.readable.cancel(boom)
        source().pipeThrough(over)
      }
      // An unhandled rejection would end the run.
      await settle()
      equal(reasons, [boom, boom, boom])
    },
    "return tells an error that nobody was told yet, as cancel does": async () => {
      const pair = addOne()
      const late = pair.readable.values()
      await pair.writable.abort(boom)
      same(await rejection(Promise.resolve(late.return?.())), boom)
      equal((await late.next()).done, true)
    },
    "forEach waits for its last callback, and tells what that rejects with": async () => {
      for (const end of ["close", "abort"] as const) {
        const pair = addOne()
        let isDone = false
        const looped = forEach(pair.readable, async () => {
          await settle()
          isDone = true
          throw boom
        })
        const told = rejection(looped)
        const writer = pair.writable.getWriter()
        await writer.write(1)
        await writer[end]()
        equal(isDone, false)
        same(await told, boom)
      }
      const pair = addOne()
      const told = rejection(forEach(pair.readable, () => settle()))
      const writer = pair.writable.getWriter()
      await writer.write(1)
      await writer.abort(boom)
      same(await told, boom)
      equal(pair.readable.locked, false)
    },
    "next after a return that waits is over, in its place": async () => {
      const pair = addOne()
      const iterator = pair.readable.values()
      const order: string[] = []
      const note = async (name: string, step?: Promise<IteratorResult<number, unknown>>) => {
        const result = await step
        order.push(name)
        return result
      }
      const steps: readonly Promise<unknown>[] = [
        note("next", iterator.next()),
        note("return", iterator.return?.()),
        note("late", iterator.next()),
        note("again", iterator.return?.()),
      ]
      const writer = pair.writable.getWriter()
      const written = writer.write(1)
      const refused = rejection(writer.write(2))
      equal(await Promise.all(steps), [
        { value: 2, done: false },
        { value: undefined, done: true },
        { value: undefined, done: true },
        { value: undefined, done: true },
      ])
      equal(order, ["next", "return", "late", "again"])
      await written
      same(await refused, undefined)
      equal(pair.readable.locked, false)
    },
    "pipeTo refuses a destination that is closing, and a signal that is none": async () => {
      const closing = new WritableStream<number>({ close: () => new Promise<void>(() => {}) })
      void closing.close()
      const reasons: unknown[] = []
      const source = fromPull<number>({
        pull: (controller) => controller.enqueue(1),
        cancel: (reason) => void reasons.push(reason),
      })
      const refusal = await rejection(source.pipeTo(closing))
      equal(refusal instanceof TypeError, true)
      equal(reasons, [refusal])
      const signal: never = {} as never
      const refused = await rejection(from([1]).pipeTo(new WritableStream(), { signal }))
      equal(refused instanceof TypeError, true)
    },
  },
}

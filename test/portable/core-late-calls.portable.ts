import { compose, forEach, from, fromPull, type StageController, stage } from "@bellmouth/core"
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
      const note = (name: string, step: Promise<IteratorResult<number, unknown>> | undefined) =>
        step?.then((result) => {
          order.push(name)
          return result
        })
      const steps = [
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

import { batch, flatMap, from, fromPull, pipe, stage, take, toArray } from "@bellmouth/core"
import { equal, ok, rejection, same, settle } from "./assert.ts"
import { addOne, counter, noted, readAll } from "./core-streams.ts"
import type { PortableSuite } from "./suite.ts"

const boom = new Error("boom")

/** Gives a chunk twice; fails with `boom` after the second copy of `at`. */
function failsAt(at: number) {
  return stage<number, number>({
    transform(chunk, controller) {
      controller.enqueue(chunk)
      controller.enqueue(chunk)
      if (chunk === at) throw boom
    },
  })
}

export const suite: PortableSuite = {
  name: "core: errors",
  tests: {
    "an error comes after what preceded it": async () => {
      const { chunks, error } = await readAll(counter().readable.pipeThrough(failsAt(1)))
      equal(chunks, [0, 0, 1, 1])
      same(error, boom)
    },
    "an error comes after what preceded it, through later stages": async () => {
      const { chunks, error } = await readAll(
        counter().readable.pipeThrough(failsAt(1)).pipeThrough(addOne()).pipeThrough(addOne()),
      )
      equal(chunks, [2, 2, 3, 3])
      same(error, boom)
    },
    "an error comes after what preceded it, for every consumer": async () => {
      const make = () => from([0, 1, 2]).pipeThrough(failsAt(1)).pipeThrough(addOne())
      const read: number[] = []
      const failure = (async () => {
        for await (const chunk of make()) read.push(chunk)
      })()
      same(await rejection(failure), boom)
      equal(read, [1, 1, 2, 2])
      const written: number[] = []
      const piped = make().pipeTo(
        new WritableStream({
          write(chunk) {
            written.push(chunk)
          },
        }),
      )
      same(await rejection(piped), boom)
      equal(written, [1, 1, 2, 2])
      same(await rejection(toArray(make())), boom)
    },
    "a failing stage cancels its source at once, with the same object": async () => {
      const source = counter()
      const reader = source.readable.pipeThrough(failsAt(0)).getReader()
      equal(await reader.read(), { value: 0, done: false })
      await settle()
      equal(source.cancels.length, 1)
      same(source.cancels[0], boom)
      equal(await reader.read(), { value: 0, done: false })
      same(await rejection(reader.read()), boom)
    },
    "a failing stage rejects its writable": async () => {
      const failing = failsAt(7)
      const writer = failing.writable.getWriter()
      const reader = failing.readable.getReader()
      const read = reader.read()
      same(await rejection(writer.write(7)), boom)
      same(await rejection(writer.closed), boom)
      equal(await read, { value: 7, done: false })
    },
    "an error waits for the queue of a readable strategy": async () => {
      const queued = stage<number, number>(
        {
          transform(chunk, controller) {
            controller.enqueue(chunk)
            controller.enqueue(chunk)
            throw boom
          },
        },
        { readableStrategy: { highWaterMark: 4 } },
      )
      const readable = counter().readable.pipeThrough(queued)
      await settle()
      const { chunks, error } = await readAll(readable)
      equal(chunks, [0, 0])
      same(error, boom)
    },
    "what a stage has gathered comes before an error": async () => {
      for (const [size, batches] of [
        [3, [[0, 0, 1], [1]]],
        [10, [[0, 0, 1, 1]]],
      ] as const) {
        const { chunks, error } = await readAll(
          from([0, 1, 2]).pipeThrough(failsAt(1)).pipeThrough(batch(size)),
        )
        equal(chunks, batches)
        same(error, boom)
      }
      const source = fromPull<number>({
        pull(controller) {
          controller.enqueue(1)
          controller.enqueue(2)
          controller.error(boom)
        },
      })
      const { chunks, error } = await readAll(source.pipeThrough(batch(9)).pipeThrough(batch(9)))
      equal(chunks, [[[1, 2]]])
      same(error, boom)
    },
    "a failed stage gets nothing more": async () => {
      let calls = 0
      const failing = stage<number, number>({
        transform(chunk, controller) {
          calls++
          if (chunk > 0) throw boom
          controller.enqueue(chunk)
        },
      })
      const expand = flatMap(() => [0, 1, 2, 3])
      const { chunks, error } = await readAll(
        counter().readable.pipeThrough(expand).pipeThrough(failing),
      )
      equal(chunks, [0])
      same(error, boom)
      equal(calls, 2)
    },
    "a later stage that ends in time does not see the error": async () => {
      const readable = counter().readable.pipeThrough(failsAt(0)).pipeThrough(take(1))
      equal(await readAll(readable), { chunks: [0] })
      const reader = counter().readable.pipeThrough(failsAt(0)).pipeThrough(take(2)).getReader()
      await reader.read()
      await settle()
      equal(await reader.read(), { value: 0, done: false })
      equal((await reader.read()).done, true)
    },
    "every other stage is told; later ones after what they still get": async () => {
      const notes: unknown[] = []
      const reader = counter()
        .readable.pipeThrough(noted("first", notes))
        .pipeThrough(failsAt(1))
        .pipeThrough(noted("last", notes))
        .getReader()
      equal(await reader.read(), { value: 2, done: false })
      await settle()
      equal(notes, [["first cancel", boom]])
      equal(await reader.read(), { value: 2, done: false })
      same(await rejection(reader.read()), boom)
      equal(notes, [
        ["first cancel", boom],
        ["last cancel", boom],
      ])
    },
    "a try/catch around enqueue does not swallow a later stage's error": async () => {
      let caught = 0
      const careless = stage<number, number>({
        transform(chunk, controller) {
          try {
            controller.enqueue(chunk)
            controller.enqueue(chunk)
          } catch {
            caught++
          }
        },
      })
      const failing = stage<number, number>({
        transform() {
          throw boom
        },
      })
      const { error } = await readAll(counter().readable.pipeThrough(careless).pipeThrough(failing))
      same(error, boom)
      equal(caught, 0)
    },
    "a promise from a synchronous stage is a TypeError": async () => {
      for (const name of ["start", "transform", "flush"]) {
        const wrong: object = { [name]: async () => {} }
        const { error } = await readAll(counter(1).readable.pipeThrough(stage(wrong)))
        ok(error instanceof TypeError, `${name} must not return a promise`)
        ok(error.message.includes("asyncStage"), "the message says what to use")
      }
    },
    "start and flush fail the stage, after what they gave": async () => {
      for (const name of ["start", "flush"]) {
        const failing: object = {
          [name](controller: { enqueue(chunk: number): void }) {
            controller.enqueue(9)
            throw boom
          },
        }
        const { chunks, error } = await readAll(
          counter(1).readable.pipeThrough(stage<number, number>(failing)),
        )
        equal(chunks, name === "start" ? [9] : [0, 9])
        same(error, boom)
      }
    },
    "flush that fails rejects close": async () => {
      const failing = stage({
        flush() {
          throw boom
        },
      })
      const { error } = { error: rejection(failing.writable.getWriter().close()) }
      same(await error, boom)
    },
    "controller.error acts like a throw": async () => {
      const failing = stage<number, number>({
        transform(chunk, controller) {
          controller.enqueue(chunk)
          controller.error(boom)
        },
      })
      const { chunks, error } = await readAll(counter().readable.pipeThrough(failing))
      equal(chunks, [0])
      same(error, boom)
    },
    "enqueue after the stage's own end is a TypeError": async () => {
      let error: unknown
      const late = stage<number, number>({
        transform(_chunk, controller) {
          controller.terminate()
          try {
            controller.enqueue(1)
          } catch (caught) {
            error = caught
          }
        },
      })
      equal(await readAll(counter().readable.pipeThrough(late)), { chunks: [] })
      ok(error instanceof TypeError, "the stage has ended itself")
    },
    "a source's error is seen with the same object, after its chunks": async () => {
      const make = () => {
        let isFirst = true
        return new ReadableStream<number>(
          {
            pull(controller) {
              if (isFirst) controller.enqueue(1)
              else controller.error(boom)
              isFirst = false
            },
          },
          { highWaterMark: 0 },
        )
      }
      for (const readable of [make().pipeThrough(addOne()), pipe(make(), addOne(), addOne())]) {
        const reader = readable.getReader()
        ok(!(await reader.read()).done, "the chunk comes first")
        same(await rejection(reader.read()), boom)
      }
    },
    "an own source's error waits for what it gave before": async () => {
      const source = fromPull<number>({
        pull(controller) {
          controller.enqueue(1)
          controller.enqueue(2)
          controller.error(boom)
        },
      })
      const { chunks, error } = await readAll(source.pipeThrough(addOne()))
      equal(chunks, [2, 3])
      same(error, boom)
    },
    "a sink's error rejects pipeTo and cancels the source with the same object": async () => {
      const source = counter()
      const sink = new WritableStream({
        write() {
          throw boom
        },
      })
      const piped = source.readable.pipeThrough(addOne()).pipeThrough(addOne()).pipeTo(sink)
      same(await rejection(piped), boom)
      await settle()
      same(source.cancels[0], boom)
    },
  },
}

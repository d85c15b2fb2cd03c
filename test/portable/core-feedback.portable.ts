import {
  asyncStage,
  forEach,
  from,
  fromPull,
  fromPush,
  map,
  mapAsync,
  type PushController,
  pipe,
  type SourceController,
  type Stage,
  type StageController,
  stage,
  take,
  toArray,
} from "@bellmouth/core"
import { equal, ok, rejection, same, settle, thrown } from "./assert.ts"
import type { PortableSuite } from "./suite.ts"

const boom = new Error("boom")
const stopped = new Error("stopped")

/** A stage that passes chunks on, and whose controller others may call. */
function open(): { pass: Stage<number, number>; controller: () => StageController<number> } {
  let kept: StageController<number> | undefined
  const pass = stage<number, number>({
    start(controller) {
      kept = controller
    },
  })
  const controller = (): StageController<number> => {
    ok(kept, "the stage has not started")
    return kept
  }
  return { pass, controller }
}

/** Takes a while over every chunk, and gives nothing. */
const swallow = () => asyncStage<number, number>({ transform: () => settle() })

const aborts = (controller: AbortController): Stage<number, number> =>
  stage({ cancel: () => controller.abort(stopped) })

export const suite: PortableSuite = {
  name: "core: calls from within and from without",
  tests: {
    "what a stage gives back to one before it comes after the chunk that it handles": async () => {
      const { pass, controller } = open()
      const countdown = stage<number, number>({
        transform(chunk, own) {
          if (chunk > 0) controller().enqueue(chunk - 1)
          own.enqueue(chunk)
        },
      })
      equal(
        await toArray(from([3, 2]).pipeThrough(pass).pipeThrough(countdown)),
        [3, 2, 1, 0, 2, 1, 0],
      )
      // So often that calls within calls would have no room.
      const again = open()
      let left = 100_000
      const loop = stage<number, number>({
        transform(chunk) {
          if (left-- > 0) again.controller().enqueue(chunk)
        },
      })
      equal(await toArray(from([1]).pipeThrough(again.pass).pipeThrough(loop)), [])
    },
    "no source is asked for more while a stage has been given something back": async () => {
      for (const isPulled of [false, true]) {
        let taken = 0
        const naturals = {
          *[Symbol.iterator]() {
            for (;;) yield taken++
          },
        }
        const source = isPulled
          ? fromPull<number>({ pull: (own) => own.enqueue(taken++) })
          : from(naturals)
        const { pass, controller } = open()
        let rounds = 0
        const fifth = stage<number, number>({
          transform(chunk, own) {
            if (++rounds % 5 === 0) own.enqueue(chunk)
            else controller().enqueue(chunk)
          },
        })
        equal(
          await toArray(source.pipeThrough(pass).pipeThrough(fifth).pipeThrough(take(3))),
          [0, 1, 2],
        )
        same(taken, 3)
      }
    },
    "what an asynchronous stage is made to give by a later one comes in its turn, too":
      async () => {
        let give: ((chunk: number) => void) | undefined
        const first = asyncStage<number, number>({
          start(controller) {
            give = (chunk) => controller.enqueue(chunk)
          },
        })
        const countdown = stage<number, number>({
          transform(chunk, own) {
            if (chunk > 0) give?.(chunk - 1)
            own.enqueue(chunk)
          },
        })
        equal(await toArray(from([3]).pipeThrough(first).pipeThrough(countdown)), [3, 2, 1, 0])
      },
    "a chunk that a stage gives by itself does not make the one before it wait for ever":
      async () => {
        const timer = open()
        const reader = from([1, 2]).pipeThrough(swallow()).pipeThrough(timer.pass).getReader()
        const first = reader.read()
        await settle().then(() => timer.controller().enqueue(0))
        equal(await first, { done: false, value: 0 })
        await settle()
        equal(await reader.read(), { done: true, value: undefined })
        // Nor what is written once that chunk was read.
        const { pass, controller } = open()
        const writer = pass.writable.getWriter()
        const output = pass.readable.getReader()
        const beat = output.read()
        await settle()
        controller().enqueue(0)
        equal(await beat, { done: false, value: 0 })
        const written = writer.write(1)
        equal(await output.read(), { done: false, value: 1 })
        await written
      },
    "a source that a stage's timer makes end lets the stage after it finish its chunk":
      async () => {
        const notes: string[] = []
        let source: PushController<number> | undefined
        const pushed = fromPush<number>({
          start(controller) {
            source = controller
          },
        })
        const timer = open()
        const last = stage<number, number>({
          transform() {
            notes.push("begin")
            source?.close()
            notes.push("end")
          },
          flush: () => void notes.push("flush"),
        })
        const all = toArray(pushed.pipeThrough(timer.pass).pipeThrough(last))
        timer.controller().enqueue(1)
        await all
        equal(notes, ["begin", "end", "flush"])
      },
    "what a stage gives after its flush is refused, as it may have ended what follows":
      async () => {
        const { pass, controller } = open()
        const notes: unknown[] = []
        const last = stage<number, number>({
          transform: (chunk) => void notes.push(chunk),
          flush() {
            notes.push("flush", thrown(() => controller().enqueue(2)) instanceof TypeError)
          },
        })
        equal(await toArray(from([1]).pipeThrough(pass).pipeThrough(last)), [])
        equal(notes, [1, "flush", true])
      },
    "a source that ends a stage while it is asked has its chunk dropped": async () => {
      const { pass, controller } = open()
      const seen: number[] = []
      const sees = map((chunk: number) => {
        seen.push(chunk)
        return chunk
      })
      const ends = {
        *[Symbol.iterator]() {
          yield 1
          controller().terminate()
          yield 2
        },
      }
      equal(await toArray(from(ends).pipeThrough(sees).pipeThrough(pass)), [1])
      equal(seen, [1])
    },
    "what a source is made to give while a stage is told of a failure goes nowhere": async () => {
      const { pass, controller } = open()
      const seen: number[] = []
      let kept: SourceController<number> | undefined
      const source = fromPull<number>({
        pull(given) {
          kept = given
          given.enqueue(1)
        },
      })
      const sees = stage<number, number>({
        transform(chunk, own) {
          seen.push(chunk)
          own.enqueue(chunk)
        },
        cancel: () => kept?.enqueue(2),
      })
      const failing = forEach(source.pipeThrough(sees).pipeThrough(pass), () => {
        controller().error(boom)
      })
      same(await rejection(failing), boom)
      equal(seen, [1])
    },
    "an asynchronous stage that is read before anything is piped into it gets its chunks":
      async () => {
        const pairs = [
          () => asyncStage<number, number>({}),
          () => mapAsync((chunk: number) => Promise.resolve(chunk)),
        ]
        for (const pair of pairs) {
          for (const join of [
            (into: ReadableWritablePair<number, number>) => from([1, 2]).pipeThrough(into),
            (into: ReadableWritablePair<number, number>) =>
              pipe(new ReadableStream<number>({ start: (own) => own.enqueue(1) }), into),
          ]) {
            const transform = pair()
            const read = transform.readable.getReader().read()
            await settle()
            void join(transform)
            equal(await read, { done: false, value: 1 })
          }
        }
      },
    "what a pipe without a cancel has asked for and not got is for who reads on": async () => {
      for (const how of ["the sink fails", "the signal is aborted"]) {
        let source: SourceController<number> | undefined
        let sink: WritableStreamDefaultController | undefined
        const readable = fromPull<number>({
          start(controller) {
            source = controller
          },
        }).pipeThrough(map((n: number) => n * 10))
        const written: number[] = []
        const destination = new WritableStream<number>({
          start(controller) {
            sink = controller
          },
          write: (n) => void written.push(n),
        })
        const abortion = new AbortController()
        const options = { preventCancel: true, signal: abortion.signal }
        const piped = rejection(readable.pipeTo(destination, options))
        source?.enqueue(1)
        await settle()
        if (how === "the sink fails") sink?.error(boom)
        else abortion.abort(boom)
        source?.enqueue(2)
        same(await piped, boom, how)
        source?.enqueue(3)
        source?.close()
        // A chunk that comes before the failure is told is written to what has failed.
        equal(await toArray(readable), how === "the sink fails" ? [30] : [20, 30], how)
        equal(written, [10], how)
      }
    },
    "what has ended a pipe or a loop is told, whatever a stage that is told does with its signal":
      async () => {
        const sinks: UnderlyingSink<number>[] = [
          { write: () => Promise.reject(boom) },
          { write: (_, controller) => controller.error(boom) },
        ]
        for (const sink of sinks) {
          const controller = new AbortController()
          const piped = from([1]).pipeThrough(aborts(controller))
          const { signal } = controller
          same(await rejection(piped.pipeTo(new WritableStream(sink), { signal })), boom)
        }
        const controller = new AbortController()
        const failing = fromPull<number>({ pull: (own) => own.error(boom) })
        const { signal } = controller
        const piped = failing
          .pipeThrough(aborts(controller))
          .pipeTo(new WritableStream(), { signal })
        same(await rejection(piped), stopped)
        const other = new AbortController()
        const fail = (): never => {
          throw boom
        }
        const loop = forEach(from([1]).pipeThrough(aborts(other)), fail, { signal: other.signal })
        same(await rejection(loop), boom)
        await settle() // an outcome that nobody looks at would end the process here
      },
  },
}

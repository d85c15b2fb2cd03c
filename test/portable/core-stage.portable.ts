import { compose, filter, from, map, stage, toArray } from "@bellmouth/core"
import { equal, ok, rejection, same } from "./assert.ts"
import type { PortableSuite } from "./suite.ts"

/** The stage and its engine, between native ends and between its own. */
export const suite: PortableSuite = {
  name: "core: stage",
  tests: {
    "Eight stages between native ends keep every chunk and the order": async () => {
      let readable = counting(1000)
      for (let index = 0; index < 8; index++) readable = readable.pipeThrough(map((n) => n + 1))
      const seen: number[] = []
      await readable.pipeTo(collecting(seen))
      equal(
        seen,
        Array.from({ length: 1000 }, (_, n) => n + 8),
      )
    },

    "A native TransformStream between two stages is a boundary and no error": async () => {
      const seen = await toArray(
        counting(100)
          .pipeThrough(map((n) => n * 2))
          .pipeThrough(new TransformStream<number, number>())
          .pipeThrough(filter((n) => n % 4 === 0)),
      )
      same(seen.length, 50, "number of chunks")
      same(seen.at(-1), 196, "last chunk")
    },

    "Own source, composed stages and for await": async () => {
      const doubledOdd = compose(
        filter((n: number) => n % 2 === 1),
        map((n) => n * 2),
      )
      const seen = await toArray(from([1, 2, 3, 4, 5]).pipeThrough(doubledOdd))
      equal(seen, [2, 6, 10])
    },

    "Two expanders in a row: one read calls the second stage once": async () => {
      let calls = 0
      const readable = counting(1)
        .pipeThrough(expander(() => {}))
        .pipeThrough(expander(() => calls++))
      const reader = readable.getReader()
      await reader.read()
      same(calls, 1, "number of calls of the second stage")
      await reader.cancel()
    },

    "What a failing stage gave before its error is read before the error": async () => {
      const fault = new Error("third")
      const readable = from([1, 2, 3]).pipeThrough(
        map((n: number) => {
          if (n === 3) throw fault
          return n
        }),
      )
      const reader = readable.getReader()
      same((await reader.read()).value, 1)
      same((await reader.read()).value, 2)
      same(await rejection(reader.read()), fault, "error")
    },

    "Outputs of the very chunk that failed are read before the error": async () => {
      const fault = new Error("half way")
      const readable = counting(1).pipeThrough(
        stage<number, string>({
          transform(_, controller) {
            controller.enqueue("a")
            controller.enqueue("b")
            throw fault
          },
        }),
      )
      const reader = readable.getReader()
      same((await reader.read()).value, "a")
      same((await reader.read()).value, "b")
      same(await rejection(reader.read()), fault, "error")
    },

    "cancel reaches the native source and every stage, with the very reason": async () => {
      const reason = { why: "enough" }
      const given: unknown[] = []
      const source = new ReadableStream<number>({
        cancel(cause) {
          given.push(cause)
        },
      })
      const watcher = () =>
        stage<number, number>({
          cancel(cause) {
            given.push(cause)
          },
        })
      await source.pipeThrough(watcher()).pipeThrough(watcher()).cancel(reason)
      equal(
        given.map((each) => each === reason),
        [true, true, true],
      )
    },

    "abort goes down to the reader, with the very reason": async () => {
      const reason = new Error("no more")
      const { readable, writable } = map((n: number) => n)
      const reader = readable.getReader()
      const [read] = await Promise.all([rejection(reader.read()), writable.abort(reason)])
      same(read, reason, "error of the read")
    },

    "A failing stage cancels the native source with its error": async () => {
      const fault = new Error("stage")
      let given: unknown
      const source = new ReadableStream<number>({
        pull(controller) {
          controller.enqueue(1)
        },
        cancel(cause) {
          given = cause
        },
      })
      const failing = map<number, number>(() => {
        throw fault
      })
      same(await rejection(toArray(source.pipeThrough(failing))), fault, "error")
      same(given, fault, "cancel reason")
    },

    "terminate closes the readable and cancels the source": async () => {
      let cancelled = false
      const source = new ReadableStream<number>({
        pull(controller) {
          controller.enqueue(7)
        },
        cancel() {
          cancelled = true
        },
      })
      const first = stage<number, number>({
        transform(chunk, controller) {
          controller.enqueue(chunk)
          controller.terminate()
        },
      })
      equal(await toArray(source.pipeThrough(first)), [7])
      ok(cancelled, "The source was not cancelled")
    },

    "flush may give the last chunks": async () => {
      const counted = stage<number, number>({
        transform() {},
        flush(controller) {
          controller.enqueue(-1)
        },
      })
      equal(await toArray(counting(3).pipeThrough(counted)), [-1])
    },

    "A thenable result fails the stage with a TypeError": async () => {
      const asynchronous = stage<number, number>({
        transform: (async () => {}) as () => void,
      })
      const error = await rejection(toArray(counting(1).pipeThrough(asynchronous)))
      ok(error instanceof TypeError, "It was not a TypeError")
    },

    "A slow native sink holds the source back": async () => {
      let pulled = 0
      const source = new ReadableStream<number>(
        {
          pull(controller) {
            controller.enqueue(++pulled)
          },
        },
        { highWaterMark: 0 },
      )
      const abort = new AbortController()
      let written = 0
      let lead = 0
      const sink = new WritableStream<number>({
        write() {
          written++
          lead = Math.max(lead, pulled - written)
          if (written === 200) abort.abort()
          return Promise.resolve()
        },
      })
      let readable: ReadableStream<number> = source
      for (let index = 0; index < 8; index++) readable = readable.pipeThrough(map((n) => n))
      await rejection(readable.pipeTo(sink, { signal: abort.signal }))
      ok(written >= 200, `The sink saw ${written} chunks`)
      ok(lead <= 9, `The source was ${lead} chunks ahead`)
    },
  },
}

function counting(end: number): ReadableStream<number> {
  let next = 0
  return new ReadableStream<number>({
    pull(controller) {
      if (next < end) controller.enqueue(next++)
      else controller.close()
    },
  })
}

function collecting(seen: number[]): WritableStream<number> {
  return new WritableStream({
    write(chunk) {
      seen.push(chunk)
    },
  })
}

function expander(onCall: () => void): ReadableWritablePair<number, number> {
  return stage<number, number>({
    transform(chunk, controller) {
      onCall()
      for (let index = 0; index < 1000; index++) controller.enqueue(chunk)
    },
  })
}

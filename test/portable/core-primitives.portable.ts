import {
  batchedWritable,
  broadcast,
  concat,
  duplexPair,
  from,
  fromPush,
  mapAsync,
  merge,
  type PushController,
  pipeToAll,
  StreamError,
  toArray,
} from "@bellmouth/core"
import { equal, ok, rejection, same, settle } from "./assert.ts"
import { counter, readAll } from "./core-streams.ts"
import type { PortableSuite } from "./suite.ts"

const boom = new Error("boom")

function pushed(options: Parameters<typeof fromPush<number>>[1] = {}) {
  const calls: unknown[] = []
  let controller: PushController<number> | undefined
  const readable = fromPush<number>(
    {
      start(given) {
        controller = given
      },
      pause: () => void calls.push("pause"),
      resume: () => void calls.push("resume"),
      stop: (reason) => void calls.push(reason),
    },
    options,
  )
  ok(controller !== undefined, "start was not called")
  return { readable, controller, calls }
}

/** Sources, sinks, fan-out and fan-in beside the engine. */
export const suite: PortableSuite = {
  name: "core: sources, sinks, fan-out and fan-in",
  tests: {
    "A push source is paused at one mark and resumed at the other, and nothing is lost":
      async () => {
        const { readable, controller, calls } = pushed({ highWaterMark: 2, lowWaterMark: 0 })
        for (const n of [1, 2, 3]) controller.enqueue(n)
        controller.close()
        equal(await toArray(readable), [1, 2, 3])
        equal(calls, ["pause"])
      },
    "A push source that overflows is stopped; what it gave is delivered, then the error":
      async () => {
        const { readable, controller, calls } = pushed({ highWaterMark: 1, maxQueued: 2 })
        for (const n of [1, 2, 3]) controller.enqueue(n)
        const { chunks, error } = await readAll(readable)
        equal(chunks, [1, 2])
        ok(error instanceof StreamError && error.code === "OVERFLOW", String(error))
        same(calls.at(-1), error, "reason of stop")
      },
    "Late calls of a push source after a cancel are harmless": async () => {
      const { readable, controller, calls } = pushed()
      await readable.cancel(boom)
      controller.enqueue(1)
      controller.error("late")
      controller.close()
      equal(calls, [boom])
    },
    "A batched writable hands over what came while a write was in flight": async () => {
      const batches: number[][] = []
      let land = (): void => {}
      const writable = batchedWritable<number>({
        writev(chunks) {
          batches.push([...chunks])
          return new Promise<void>((resolve) => {
            land = resolve
          })
        },
      })
      const writer = writable.getWriter()
      await Promise.all([1, 2, 3].map((n) => writer.write(n)))
      equal(batches, [[1]])
      land()
      await settle()
      equal(batches, [[1], [2, 3]])
      const closing = writer.close()
      land()
      await closing
    },
    "An abort of a batched writable settles though a write waits for room": async () => {
      const aborts: unknown[] = []
      let land = (): void => {}
      const sink = {
        writev: () =>
          new Promise<void>((resolve) => {
            land = resolve
          }),
        abort: (reason: unknown) => void aborts.push(reason),
      }
      const writer = batchedWritable<number>(sink, { maxBatchChunks: 1 }).getWriter()
      await Promise.all([writer.write(1), writer.write(2)])
      const waiting = rejection(writer.write(3))
      await settle()
      const aborting = writer.abort(boom)
      same(await waiting, boom)
      land()
      await aborting
      equal(aborts, [boom])
    },
    "Every branch of a broadcast gets everything; a stalled one bounds the source": async () => {
      const { readable, pulls } = counter(20)
      const [fast, slow] = broadcast(readable, 2, { highWaterMark: 3 })
      ok(fast && slow, "two branches")
      const all = toArray(fast)
      await settle()
      equal(pulls(), 3)
      equal(await toArray(slow), await all)
      equal((await all).length, 20)
    },
    "The last branch to be cancelled cancels the source with all reasons": async () => {
      const { readable, cancels } = counter()
      const [one, other] = broadcast(readable, 2)
      await one?.cancel("a")
      equal(cancels, [])
      await other?.cancel("b")
      const [reason] = cancels
      ok(reason instanceof AggregateError, String(reason))
      equal(reason.errors, ["a", "b"])
    },
    "A branch that is too slow fails under error-slow; the other goes on": async () => {
      const [fast, slow] = broadcast(counter(5).readable, 2, {
        highWaterMark: 2,
        policy: "error-slow",
      })
      ok(fast && slow, "two branches")
      equal((await toArray(fast)).length, 5)
      const { chunks, error } = await readAll(slow)
      equal(chunks, [0, 1])
      ok(error instanceof StreamError && error.code === "SLOW_BRANCH", String(error))
    },
    "A pipe to all goes on without a sink that fails, and its signal ends an idle one at once":
      async () => {
        const got: number[] = []
        const good = new WritableStream<number>({ write: (n) => void got.push(n) })
        const bad = new WritableStream<number>({ write: () => Promise.reject(boom) })
        const failure = await rejection(pipeToAll(counter(4).readable, [bad, good]))
        ok(failure instanceof AggregateError, String(failure))
        equal(failure.errors, [boom])
        equal(got, [0, 1, 2, 3])
        const abortion = new AbortController()
        const idle = pipeToAll(new ReadableStream(), [new WritableStream()], {
          signal: abortion.signal,
        })
        const ended = rejection(idle)
        await settle()
        abortion.abort(boom)
        same(await ended, boom)
      },
    "A merge gives all, in each input's order, and its cancel reaches an idle input": async () => {
      const all = await toArray(merge(counter(3).readable, from([10, 11])))
      equal(
        all.filter((n) => n < 10),
        [0, 1, 2],
      )
      equal(
        all.filter((n) => n >= 10),
        [10, 11],
      )
      const reasons: unknown[] = []
      const idle = new ReadableStream<number>({ cancel: (reason) => void reasons.push(reason) })
      const merged = merge(idle, counter().readable).getReader()
      await merged.read()
      await merged.cancel(boom)
      equal(reasons, [boom])
    },
    "A concat gives one after the other and cancels those that were not reached": async () => {
      equal(await toArray(concat(counter(2).readable, from([7]))), [0, 1, 7])
      const { readable, cancels } = counter()
      await concat(from([1]), readable).cancel(boom)
      equal(cancels, [boom])
    },
    "An asynchronous map keeps order and bound, and a cancel aborts its signal": async () => {
      const signals: AbortSignal[] = []
      const work = async (n: number, { signal }: { readonly signal: AbortSignal }) => {
        signals.push(signal)
        for (let turn = 0; turn < 5 - (n % 5); turn++) await Promise.resolve()
        return n
      }
      const some = counter(12).readable.pipeThrough(mapAsync(work, { concurrency: 3 }))
      equal(await toArray(some), await toArray(counter(12).readable))
      const { readable, pulls, cancels } = counter()
      const reader = readable.pipeThrough(mapAsync(work, { concurrency: 3 })).getReader()
      await reader.read()
      await settle()
      ok(pulls() <= 5, `${pulls()} chunks were taken for one read`)
      await reader.cancel(boom)
      await settle()
      same(signals.at(-1)?.reason, boom)
      equal(cancels, [boom])
    },
    "The halves of a duplex pair end alone": async () => {
      const [one, other] = duplexPair<number>()
      const closing = one.writable.close()
      equal(await toArray(other.readable), [])
      await closing
      const writing = from([1, 2]).pipeTo(other.writable)
      equal(await toArray(one.readable), [1, 2])
      await writing
    },
  },
}

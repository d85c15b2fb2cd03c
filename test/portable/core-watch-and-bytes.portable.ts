import {
  ByteReader,
  createPorts,
  from,
  fromBytes,
  fromPullInto,
  meter,
  StreamError,
  throttle,
  timeout,
  toArray,
  VirtualClock,
  watchClosed,
} from "@bellmouth/core"
import { equal, ok, rejection, same, settle } from "./assert.ts"
import { counter } from "./core-streams.ts"
import { type PortableSuite, skip } from "./suite.ts"

const boom = new Error("boom")
const bytes = (...values: number[]) => new Uint8Array(values)

function byobReader(readable: ReadableStream<Uint8Array>): ReadableStreamBYOBReader {
  try {
    return readable.getReader({ mode: "byob" })
  } catch (error) {
    if (error instanceof TypeError) skip("there is no BYOB reader")
    throw error
  }
}

/** Bytes, time, watchers and roles. */
export const suite: PortableSuite = {
  name: "core: bytes, time, watchers and roles",
  tests: {
    "A byte reader reads by counts and delimiters across chunks": async () => {
      const reader = new ByteReader(from([bytes(1), bytes(2, 13), bytes(10, 3), bytes(4, 5)]))
      equal(await reader.readExactly(2), bytes(1, 2))
      equal(await reader.readUntil(bytes(13, 10)), bytes(13, 10))
      equal(await reader.peek(3), bytes(3, 4, 5))
      equal(await reader.readUpTo(9), bytes(3))
      const error = await rejection(reader.readExactly(3))
      ok(error instanceof StreamError && error.code === "TRUNCATED", String(error))
      equal([error.have, error.want], [2, 3])
      equal(await toArray(reader.rest()), [bytes(4, 5)])
    },
    "A byte source fills a buffer of its reader's": async () => {
      const reader = byobReader(fromBytes(bytes(1, 2, 3, 4, 5)))
      const got: number[] = []
      for (;;) {
        const result = await reader.read(new Uint8Array(2))
        if (result.done) break
        got.push(...result.value)
      }
      equal(got, [1, 2, 3, 4, 5])
    },
    "A byte source gives a default reader chunks of a size": async () => {
      const chunks = await toArray(fromBytes(new Uint8Array(7), { autoAllocateChunkSize: 3 }))
      equal(
        chunks.map((chunk) => chunk.byteLength),
        [3, 3, 1],
      )
    },
    "A byte source is cancelled while it fills, and its late answer is dropped": async () => {
      const reasons: unknown[] = []
      let answer = (_count: number): void => {}
      const readable = fromPullInto({
        pullInto: () =>
          new Promise<number>((resolve) => {
            answer = resolve
          }),
        cancel: (reason) => void reasons.push(reason),
      })
      const reader = readable.getReader()
      const read = reader.read()
      await settle()
      await reader.cancel(boom)
      equal((await read).done, true)
      answer(1)
      await settle()
      equal(reasons, [boom])
    },
    "A throttle holds back to its rate, and a cancel ends its wait": async () => {
      const clock = new VirtualClock()
      const { readable, cancels } = counter()
      const reader = readable.pipeThrough(throttle(10, { clock })).getReader()
      equal((await reader.read()).value, 0)
      const second = reader.read()
      await settle()
      await clock.advance(99)
      equal(clock.pending, 1)
      await clock.advance(1)
      equal((await second).value, 1)
      const third = reader.read()
      await settle()
      await reader.cancel(boom)
      equal((await third).done, true)
      await settle()
      equal([clock.pending, cancels], [0, [boom]])
    },
    "A timeout fails a read that waits too long and cancels the source": async () => {
      const clock = new VirtualClock()
      const reasons: unknown[] = []
      const silent = new ReadableStream({ cancel: (reason) => void reasons.push(reason) })
      const failing = rejection(silent.pipeThrough(timeout(50, { clock })).getReader().read())
      await settle()
      await clock.advance(50)
      const error = await failing
      ok(error instanceof StreamError && error.code === "TIMEOUT", String(error))
      await settle()
      equal(reasons, [error])
    },
    "A meter counts, and tells waiting on the source from waiting on the sink": async () => {
      const clock = new VirtualClock()
      let controller: ReadableStreamDefaultController<Uint8Array> | undefined
      const source = new ReadableStream<Uint8Array>({
        start(given) {
          controller = given
        },
      })
      const gauge = meter<Uint8Array>({ clock })
      const reader = source.pipeThrough(gauge).getReader()
      const read = reader.read()
      await settle()
      await clock.advance(30)
      controller?.enqueue(bytes(1, 2))
      await read
      await settle()
      await clock.advance(10)
      const { chunks, bytes: count, waitingOnSourceMs, waitingOnSinkMs } = gauge.read()
      equal([chunks, count, waitingOnSourceMs, waitingOnSinkMs], [1, 2, 30, 10])
    },
    "The end of a stream of ours is known without its lock": async () => {
      const readable = from([1, 2])
      const { stream, ended } = watchClosed(readable)
      same(stream, readable)
      equal(await toArray(stream), [1, 2])
      equal(await ended, { type: "closed" })
    },
    "The end of a foreign readable and of a writable is known through a wrapper": async () => {
      const { readable, cancels } = counter()
      const watched = watchClosed(readable)
      await watched.stream.cancel(boom)
      equal(await watched.ended, { type: "ended-early", reason: boom })
      equal(cancels, [boom])
      const got: number[] = []
      const sink = watchClosed(new WritableStream<number>({ write: (n) => void got.push(n) }))
      await counter(3).readable.pipeTo(sink.stream)
      equal(await sink.ended, { type: "closed" })
      equal(got, [0, 1, 2])
      const failing = watchClosed(new WritableStream({ write: () => Promise.reject(boom) }))
      same(await rejection(counter(3).readable.pipeTo(failing.stream)), boom)
      equal(await failing.ended, { type: "ended-early", reason: boom })
    },
    "Of the ports of a role out loses nothing, err fails nothing, snapshot conflates": async () => {
      let sum = 0
      const ports = createPorts<number, number, string, number>(
        {
          event(n, controller) {
            sum += n
            controller.snapshot(sum)
            if (n === 2) controller.err("two")
            else controller.out(n)
          },
        },
        { maxQueuedErrs: 1 },
      )
      const readers = [ports.snapshot.readable(), ports.snapshot.readable()]
      const feeding = counter(5).readable.pipeTo(ports.in)
      equal(await toArray(ports.out), [0, 1, 3, 4])
      await feeding
      equal(await toArray(ports.err), ["two"])
      for (const reader of readers) equal(await toArray(reader), [10])
      equal(ports.snapshot.latest, 10)
    },
  },
}

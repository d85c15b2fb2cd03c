import { forEach, from, fromPull, stage, toArray } from "@bellmouth/core"
import { equal, ok, rejection, same, settle } from "./assert.ts"
import { addOne, counter, readAll } from "./core-streams.ts"
import { type PortableSuite, skip } from "./suite.ts"

const boom = new Error("boom")

export const suite: PortableSuite = {
  name: "core: for await, pipeTo, forEach",
  tests: {
    "concurrent next calls are answered in order": async () => {
      for (const readable of [
        from([1, 2]).pipeThrough(addOne()),
        counter(2).readable.pipeThrough(addOne()),
      ]) {
        const iterator = readable.values()
        const steps = await Promise.all([
          iterator.next(),
          iterator.next(),
          iterator.next(),
          iterator.next(),
        ])
        equal(
          steps.map((step) => step.done),
          [false, false, true, true],
        )
      }
    },
    "after an error, next says done": async () => {
      const iterator = fromPull({
        pull() {
          throw boom
        },
      }).values()
      const [first, second] = [iterator.next(), iterator.next()]
      same(await rejection(first), boom)
      equal((await second).done, true)
      equal((await iterator.next()).done, true)
    },
    "break cancels the source and releases the lock": async () => {
      const source = counter()
      const readable = source.readable.pipeThrough(addOne())
      for await (const chunk of readable) {
        equal(chunk, 1)
        ok(readable.locked, "locked while iterating")
        break
      }
      await settle()
      equal(source.cancels.length, 1)
      ok(!readable.locked, "released")
      equal((await readable.getReader().read()).done, true)
    },
    "return waits for the next calls before it": async () => {
      const iterator = counter().readable.pipeThrough(addOne()).values()
      const order: string[] = []
      const next = iterator.next().then((step) => order.push(`next ${step.value}`))
      const end = iterator.return?.().then((step) => order.push(`return ${step.done}`))
      await Promise.all([next, end])
      equal(order, ["next 1", "return true"])
      equal((await iterator.next()).done, true)
    },
    "preventCancel leaves the stream readable": async () => {
      const readable = from([1, 2, 3]).pipeThrough(addOne())
      for await (const chunk of readable.values({ preventCancel: true })) {
        equal(chunk, 2)
        break
      }
      equal(await readAll(readable), { chunks: [3, 4] })
    },
    "a finished iteration leaves a closed stream": async () => {
      const readable = from([1]).pipeThrough(addOne())
      for await (const chunk of readable) equal(chunk, 2)
      await readable.getReader().closed
    },
    "pipeTo closes the destination and resolves": async () => {
      const notes: unknown[] = []
      const sink = new WritableStream({
        write(chunk) {
          notes.push(chunk)
        },
        close() {
          notes.push("close")
        },
      })
      await from([1, 2]).pipeThrough(addOne()).pipeTo(sink)
      equal(notes, [2, 3, "close"])
      ok(!sink.locked, "released")
    },
    "pipeTo aborts the destination after all was written": async () => {
      const notes: unknown[] = []
      const sink = new WritableStream(
        {
          async write(chunk) {
            await settle()
            notes.push(chunk)
          },
          abort(reason) {
            notes.push(reason)
          },
        },
        { highWaterMark: 8 },
      )
      const source = fromPull<number>({
        pull(controller) {
          controller.enqueue(1)
          controller.enqueue(2)
          controller.error(boom)
        },
      })
      same(await rejection(source.pipeTo(sink)), boom)
      equal(notes, [1, 2, boom])
    },
    "pipeTo counts by the destination's own measure": async () => {
      let most = 0
      let inFlight = 0
      const sink = new WritableStream<Uint8Array>(
        {
          async write() {
            most = Math.max(most, inFlight)
            await settle()
            inFlight--
          },
        },
        { highWaterMark: 100, size: (chunk) => chunk?.length ?? 1 },
      )
      const source = fromPull<Uint8Array>({
        pull(controller) {
          inFlight++
          controller.enqueue(new Uint8Array(60))
          if (++given === 20) controller.close()
        },
      })
      let given = 0
      await source.pipeTo(sink)
      ok(most <= 4, `${most} chunks of 60 bytes against a mark of 100`)
    },
    "pipeTo into a closed destination cancels": async () => {
      const sink = new WritableStream()
      await sink.close()
      const source = counter()
      const piped = source.readable.pipeThrough(addOne()).pipeTo(sink)
      ok((await rejection(piped)) instanceof TypeError, "a TypeError, as in the standard")
      await settle()
      equal(source.cancels.length, 1)
    },
    "pipeTo obeys its signal": async () => {
      const controller = new AbortController()
      const source = counter()
      const aborts: unknown[] = []
      let written = 0
      const piped = source.readable.pipeThrough(addOne()).pipeTo(
        new WritableStream({
          write() {
            if (++written === 3) controller.abort(boom)
          },
          abort(reason) {
            aborts.push(reason)
          },
        }),
        { signal: controller.signal },
      )
      same(await rejection(piped), boom)
      await settle()
      same(aborts[0], boom)
      same(source.cancels[0], boom)
    },
    "pipeTo obeys its signal while the source is idle, and one that is aborted already":
      async () => {
        const idle = () => fromPull({ pull: () => new Promise<void>(() => {}) })
        const controller = new AbortController()
        const piped = idle().pipeTo(new WritableStream(), { signal: controller.signal })
        controller.abort(boom)
        same(await rejection(piped), boom)
        const late = idle().pipeTo(new WritableStream(), { signal: AbortSignal.abort(boom) })
        same(await rejection(late), boom)
      },
    "pipeTo leaves the destination as its options say": async () => {
      const notes: unknown[] = []
      const sink = new WritableStream({
        write(chunk) {
          notes.push(chunk)
        },
        close() {
          notes.push("close")
        },
        abort(reason) {
          notes.push(reason)
        },
      })
      await from([1, 2]).pipeTo(sink, { preventClose: true })
      const failing = fromPull<number>({
        pull(controller) {
          controller.enqueue(3)
          controller.error(boom)
        },
      })
      same(await rejection(failing.pipeTo(sink, { preventAbort: true })), boom)
      equal(notes, [1, 2, 3])
      const kept = from([4, 5])
      await rejection(
        kept.pipeTo(
          new WritableStream({
            write() {
              throw boom
            },
          }),
          { preventCancel: true },
        ),
      )
      ok(!kept.locked, "the source is free again")
      await sink.close()
      equal(notes, [1, 2, 3, "close"])
    },
    "forEach awaits what its callback returns": async () => {
      let running = 0
      await forEach(from([1, 2, 3]).pipeThrough(addOne()), async () => {
        equal(running++, 0)
        await settle()
        running--
      })
    },
    "forEach cancels with what its callback throws": async () => {
      const cancels: unknown[] = []
      const foreign = counter()
      const own = fromPull({
        pull: (controller) => controller.enqueue(1),
        cancel(reason) {
          cancels.push(reason)
        },
      })
      for (const readable of [foreign.readable, own]) {
        const failed = forEach(readable, () => {
          throw boom
        })
        same(await rejection(failed), boom)
      }
      equal([...cancels, ...foreign.cancels], [boom, boom])
    },
    "forEach lets go of its signal": async () => {
      const { signal } = new AbortController()
      let listeners = 0
      const add = signal.addEventListener.bind(signal)
      const remove = signal.removeEventListener.bind(signal)
      signal.addEventListener = (...args: Parameters<typeof add>) => {
        listeners++
        add(...args)
      }
      signal.removeEventListener = (...args: Parameters<typeof remove>) => {
        listeners--
        remove(...args)
      }
      await forEach(from([1]), () => {}, { signal })
      await forEach(counter(1).readable, () => {}, { signal })
      equal(listeners, 0)
    },
    "forEach obeys its signal, also while the source is idle": async () => {
      for (const readable of [
        fromPull({ pull: () => new Promise<void>(() => {}) }),
        new ReadableStream({ pull: () => new Promise<void>(() => {}) }),
      ]) {
        const controller = new AbortController()
        const loop = forEach(readable, () => {}, { signal: controller.signal })
        controller.abort(boom)
        same(await rejection(loop), boom)
      }
    },
    "a native consumer reads a stage's end": async () => {
      const bytes = new TextEncoder().encode("ab")
      if (!("CompressionStream" in globalThis)) skip("the streams are not the platform's")
      const unzipped = from([bytes])
        .pipeThrough(stage<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({}))
        .pipeThrough(new CompressionStream("gzip"))
        .pipeThrough(new DecompressionStream("gzip"))
      equal(await new Response(unzipped).text(), "ab")
      const [left, right] = from([1, 2]).pipeThrough(addOne()).tee()
      equal(
        [await toArray(left), await toArray(right)],
        [
          [2, 3],
          [2, 3],
        ],
      )
    },
  },
}

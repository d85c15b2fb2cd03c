import { flatMap, from, pipe, stage, take, toArray } from "@bellmouth/core"
import { equal, ok, rejection, same, settle } from "./assert.ts"
import { addOne, counter, noted, readAll } from "./core-streams.ts"
import type { PortableSuite } from "./suite.ts"

const gone = new Error("gone")

export const suite: PortableSuite = {
  name: "core: cancel, terminate and close",
  tests: {
    "cancel reaches every stage, then the source, with the same object": async () => {
      const notes: unknown[] = []
      const source = counter()
      const reader = source.readable
        .pipeThrough(noted("first", notes))
        .pipeThrough(noted("second", notes))
        .getReader()
      await reader.read()
      await reader.cancel(gone)
      await settle()
      equal(notes, [
        ["second cancel", gone],
        ["first cancel", gone],
      ])
      same(source.cancels[0], gone)
    },
    "cancel reaches an idle source at once": async () => {
      const cancels: unknown[] = []
      const idle = () =>
        new ReadableStream<number>({
          pull: () => new Promise<void>(() => {}),
          cancel(reason) {
            cancels.push(reason)
          },
        })
      const reader = idle().pipeThrough(addOne()).getReader()
      const read = reader.read()
      void reader.cancel(gone)
      equal((await read).done, true)
      await pipe(idle(), addOne()).cancel(gone)
      await settle()
      equal(cancels, [gone, gone])
    },
    "cancel rejects with what a stage's cancel throws": async () => {
      const source = counter()
      const failing = stage<number, number>({
        cancel() {
          throw gone
        },
      })
      const readable = source.readable.pipeThrough(failing).pipeThrough(addOne())
      same(await rejection(readable.cancel("other")), gone)
      await settle()
      equal(source.cancels, ["other"])
    },
    "cancel rejects with what the source's cancel throws": async () => {
      const source = new ReadableStream<number>({
        cancel() {
          throw gone
        },
      })
      same(await rejection(pipe(source, addOne()).cancel()), gone)
    },
    "cancel drops what is queued": async () => {
      let calls = 0
      const expand = flatMap((n: number) => Array.from({ length: 10 }, (_, index) => n + index))
      const count = stage<number, number>({
        transform(chunk, controller) {
          calls++
          controller.enqueue(chunk)
        },
      })
      const reader = counter().readable.pipeThrough(expand).pipeThrough(count).getReader()
      await reader.read()
      await reader.cancel()
      await settle()
      equal(calls, 1)
    },
    "take ends an endless source, and later stages flush": async () => {
      const notes: unknown[] = []
      const source = counter()
      const readable = source.readable
        .pipeThrough(noted("first", notes))
        .pipeThrough(take(2))
        .pipeThrough(noted("last", notes))
      equal(await readAll(readable), { chunks: [2, 3] })
      await settle()
      ok(source.cancels[0] instanceof TypeError, "the source is cancelled as the standard does")
      equal(notes, [["first cancel", source.cancels[0]], "last flush"])
    },
    "terminate keeps what was given and drops what feeds it": async () => {
      const expand = flatMap((n: number) => [n, n, n, n])
      const readable = counter().readable.pipeThrough(expand).pipeThrough(take(2))
      equal(await readAll(readable.pipeThrough(flatMap((n) => [n, -n]))), {
        chunks: [0, -0, 0, -0],
      })
    },
    "take(0) ends at once": async () => {
      equal(await toArray(counter().readable.pipeThrough(take(0))), [])
    },
    "start and flush give in order": async () => {
      const framed = (name: string) =>
        stage<string, string>({
          start(controller) {
            controller.enqueue(`${name}<`)
          },
          flush(controller) {
            controller.enqueue(`>${name}`)
          },
        })
      const readable = from(["x"]).pipeThrough(framed("a")).pipeThrough(framed("b"))
      equal(await toArray(readable), ["b<", "a<", "x", ">a", ">b"])
    },
    "a chunk in every queue is flushed before the end": async () => {
      const twice = () => flatMap((n: number) => [n, n])
      const readable = counter(2).readable.pipeThrough(twice()).pipeThrough(twice())
      equal(await readAll(readable), { chunks: [0, 0, 0, 0, 1, 1, 1, 1] })
    },
    "close resolves once the first stage has flushed": async () => {
      const last = stage<string, string>({
        flush(controller) {
          controller.enqueue("last")
        },
      })
      const first = stage<string, string>({
        flush(controller) {
          controller.enqueue("first")
        },
      })
      const reader = first.readable.pipeThrough(last).getReader()
      await first.writable.getWriter().close()
      equal(await reader.read(), { value: "first", done: false })
      equal(await reader.read(), { value: "last", done: false })
      equal((await reader.read()).done, true)
    },
    "close resolves when a later stage ends during the first one's flush": async () => {
      const first = stage<string, string>({
        flush(controller) {
          controller.enqueue("a")
          controller.enqueue("b")
        },
      })
      const read = readAll(first.readable.pipeThrough(take(1)))
      await first.writable.getWriter().close()
      equal(await read, { chunks: ["a"] })
    },
    "close does not wait for a reader, and abort does not after it": async () => {
      const notes: unknown[] = []
      const expand = flatMap((n: number) => [n, n + 1, n + 2])
      const reader = expand.readable.pipeThrough(noted("last", notes)).getReader()
      const writer = expand.writable.getWriter()
      const read = reader.read()
      await writer.write(1)
      equal(await read, { value: 2, done: false })
      await writer.close()
      equal(notes, [])
      await writer.abort(gone)
      equal(
        [await reader.read(), await reader.read()],
        [
          { value: 3, done: false },
          { value: 4, done: false },
        ],
      )
      equal((await reader.read()).done, true)
      equal(notes, ["last flush"])
    },
    "cancel never comes without start": async () => {
      const notes: unknown[] = []
      const resource = () =>
        stage<number, number>({
          start() {
            notes.push("start")
          },
          cancel() {
            notes.push("cancel")
          },
        })
      await resource().readable.cancel()
      equal(await toArray(from([1]).pipeThrough(resource()).pipeThrough(take(0))), [])
      await resource().writable.abort()
      equal(notes, ["start", "cancel", "start", "cancel", "start", "cancel"])
    },
    "callbacks are methods of the transformer": async () => {
      class Prefix {
        readonly prefix = ">"
        transform(chunk: string, controller: { enqueue(chunk: string): void }): void {
          controller.enqueue(this.prefix + chunk)
        }
      }
      equal(await toArray(from(["a"]).pipeThrough(stage(new Prefix()))), [">a"])
    },
    "undefined and null are chunks": async () => {
      const readable = from([undefined, null, 0]).pipeThrough(stage<unknown, unknown>({}))
      equal(await toArray(readable), [undefined, null, 0])
    },
  },
}

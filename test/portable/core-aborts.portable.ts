import { pipe, stage } from "@bellmouth/core"
import { equal, rejection, same, settle } from "./assert.ts"
import { addOne, counter, noted } from "./core-streams.ts"
import type { PortableSuite } from "./suite.ts"

const boom = new Error("boom")

export const suite: PortableSuite = {
  name: "core: abort, and ends that nobody reads",
  tests: {
    "abort discards and reaches every stage and the reader at once": async () => {
      const notes: unknown[] = []
      const first = stage<number, number>({
        transform(chunk, controller) {
          controller.enqueue(chunk)
          controller.enqueue(chunk)
        },
        cancel(reason) {
          notes.push(["first", reason])
        },
      })
      const readable = first.readable.pipeThrough(noted("second", notes))
      const writer = first.writable.getWriter()
      const reader = readable.getReader()
      const read = reader.read()
      await writer.write(1)
      equal(await read, { value: 2, done: false })
      await writer.abort(boom)
      same(await rejection(reader.read()), boom)
      equal(notes, [
        ["first", boom],
        ["second cancel", boom],
      ])
    },
    "abort while a write waits for a reader settles both": async () => {
      const waiting = addOne()
      const writer = waiting.writable.getWriter()
      const write = rejection(writer.write(1))
      await settle()
      await writer.abort(boom)
      same(await write, boom)
      same(await rejection(waiting.readable.getReader().read()), boom)
    },
    "close and error are seen when nobody reads": async () => {
      const closing = pipe(counter(0).readable, addOne(), addOne()).getReader()
      await settle()
      const sourceController: ReadableStreamDefaultController<number>[] = []
      const failing = new ReadableStream<number>({
        start(controller) {
          sourceController.push(controller)
        },
      })
      const reader = pipe(failing, addOne()).getReader()
      const failed = rejection(reader.closed)
      sourceController[0]?.error(boom)
      same(await failed, boom)
      // An empty source closes only when it is pulled: that needs one read.
      equal((await closing.read()).done, true)
      const closed = addOne()
      await closed.writable.getWriter().close()
      await closed.readable.getReader().closed
    },
  },
}

import { equal, ok, rejection, same, settle } from "./assert.ts"
import { type PortableSuite, skip } from "./suite.ts"

/** What the packages take for granted of the platform's own streams. */
export const suite: PortableSuite = {
  name: "native streams",
  tests: {
    "A readable pulls on demand and keeps the order": async () => {
      let pulled = 0
      const readable = new ReadableStream<number>(
        {
          pull(controller) {
            controller.enqueue(++pulled)
            if (pulled === 5) controller.close()
          },
        },
        { highWaterMark: 0 },
      )
      const reader = readable.getReader()
      await Promise.resolve()
      same(pulled, 0, "number of pulls before the first read")
      const seen: number[] = []
      for (let step = await reader.read(); !step.done; step = await reader.read()) {
        seen.push(step.value)
      }
      equal(seen, [1, 2, 3, 4, 5])
    },

    "cancel reaches the underlying source with the very reason": async () => {
      const reason = { why: "enough" }
      let given: unknown
      const readable = new ReadableStream({
        cancel(cause) {
          given = cause
        },
      })
      await readable.cancel(reason)
      same(given, reason, "reason")
    },

    "abort reaches the underlying sink with the very reason": async () => {
      const reason = { why: "no more" }
      let given: unknown
      const writable = new WritableStream({
        abort(cause) {
          given = cause
        },
      })
      await writable.abort(reason)
      same(given, reason, "reason")
    },

    "A cancel reason crosses a TransformStream to the source": async () => {
      const reason = new Error("far end")
      let given: unknown
      const source = new ReadableStream({
        cancel(cause) {
          given = cause
        },
      })
      await source.pipeThrough(new TransformStream()).cancel(reason)
      await settle()
      same(given, reason, "reason")
    },

    "pipeTo rejects with the very error of the source and aborts the sink with it": async () => {
      const fault = new Error("source")
      let given: unknown
      const source = new ReadableStream({
        start(controller) {
          controller.error(fault)
        },
      })
      const sink = new WritableStream({
        abort(cause) {
          given = cause
        },
      })
      same(await rejection(source.pipeTo(sink)), fault, "rejection")
      same(given, fault, "abort reason")
    },

    "pipeTo keeps the reason of its signal": async () => {
      const abort = new AbortController()
      const reason = new Error("signal")
      const source = new ReadableStream({
        pull(controller) {
          controller.enqueue(1)
        },
      })
      let written = 0
      const sink = new WritableStream({
        write() {
          if (++written === 3) abort.abort(reason)
        },
      })
      same(await rejection(source.pipeTo(sink, { signal: abort.signal })), reason, "rejection")
    },

    "A writable reports backpressure by desiredSize and ready": async () => {
      let release: (() => void) | undefined
      const gate = new Promise<void>((resolve) => {
        release = resolve
      })
      const writer = new WritableStream({ write: () => gate }, { highWaterMark: 1 }).getWriter()
      const written = writer.write("a")
      same(writer.desiredSize, 0, "desiredSize")
      let ready = false
      const waited = writer.ready.then(() => {
        ready = true
      })
      await Promise.resolve()
      same(ready, false, "readiness under backpressure")
      release?.()
      await Promise.all([written, waited])
      same(writer.desiredSize, 1, "desiredSize")
    },

    "The writable controller's signal fires on abort": async () => {
      let signal: AbortSignal | undefined
      const writable = new WritableStream({
        start(controller) {
          signal = controller.signal
        },
      })
      await writable.abort("why")
      ok(signal?.aborted, "The signal did not fire")
    },

    "A subclass of ReadableStream is a pipe's end like any other": async () => {
      class Numbers extends ReadableStream<number> {
        constructor() {
          super({
            start(controller) {
              controller.enqueue(1)
              controller.close()
            },
          })
        }
      }
      const reader = new Numbers().pipeThrough(new TransformStream<number, number>()).getReader()
      same((await reader.read()).value, 1)
      same((await reader.read()).done, true)
    },

    "A BYOB read fills the caller's buffer": async () => {
      const readable = new ReadableStream({
        type: "bytes",
        pull(controller) {
          controller.enqueue(new Uint8Array([1, 2, 3]))
        },
      })
      const reader = readable.getReader({ mode: "byob" })
      const { value } = await reader.read(new Uint8Array(8))
      equal([...(value ?? [])], [1, 2, 3])
      await reader.cancel()
    },

    "releaseLock rejects a read that is pending": async () => {
      const reader = new ReadableStream().getReader()
      const read = rejection(reader.read())
      reader.releaseLock()
      ok((await read) instanceof TypeError, "The read was not rejected with a TypeError")
    },

    "TextDecoderStream keeps a character that is split over two chunks": async () => {
      if (typeof TextDecoderStream === "undefined") skip("there is no TextDecoderStream")
      const bytes = new TextEncoder().encode("a€z")
      const source = new ReadableStream<BufferSource>({
        start(controller) {
          controller.enqueue(bytes.slice(0, 2))
          controller.enqueue(bytes.slice(2))
          controller.close()
        },
      })
      const reader = source.pipeThrough(new TextDecoderStream()).getReader()
      let text = ""
      for (let step = await reader.read(); !step.done; step = await reader.read()) {
        text += step.value
      }
      same(text, "a€z")
    },
  },
}

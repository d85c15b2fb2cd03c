import { expect, test } from "vitest"
import { SessionSink } from "../session/session-sink.ts"
import { DirectWritable } from "./direct-writable.ts"

/** A writable whose sink takes what comes at once. */
function open() {
  const received: Uint8Array[] = []
  const sink = new SessionSink({ receive: (chunk) => received.push(chunk), ended: () => {} })
  return { writable: new DirectWritable(sink), received }
}

test("After a pipe has closed it, a writer is refused", async () => {
  const { writable, received } = open()
  const source = new ReadableStream<Uint8Array>({ start: (controller) => controller.close() })
  await source.pipeTo(writable)
  const writer = writable.getWriter()
  expect(writer.desiredSize).toBe(0)
  await expect(writer.write(new Uint8Array(1))).rejects.toThrow(TypeError)
  expect(received).toEqual([])
})

test("Once it was closed without a writer, also before it has started, a writer is refused", async () => {
  const { writable, received } = open()
  const closed = writable.close()
  const writer = writable.getWriter()
  await expect(writer.write(new Uint8Array(1))).rejects.toThrow(TypeError)
  await closed
  expect(writer.desiredSize).toBe(0)
  expect(received).toEqual([])
})

test("A close that is refused, as it is locked, closes nothing", async () => {
  const { writable, received } = open()
  const writer = writable.getWriter()
  await expect(writable.close()).rejects.toThrow(TypeError)
  await writer.write(new Uint8Array(1))
  expect(received).toHaveLength(1)
})

import { expect, test } from "vitest"
import { SessionSink } from "../session/session-sink.ts"
import { DirectSink } from "./direct-sink.ts"
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

/** A sink that takes nothing before it is told to. */
class FullSink extends DirectSink<string> {
  free = 0
  readonly taken: string[] = []

  abort(): void {}

  async close(): Promise<void> {
    this.isClosing = true
    await this.ready
  }

  protected take(chunk: string): boolean {
    if (this.free > 0) this.taken.push(chunk)
    return this.free > 0
  }

  protected giveUp(): void {}
}

test("Whoever waits for room and lets go of its writer waits no more, and its write goes on", async () => {
  const sink = new FullSink()
  const writable = new DirectWritable(sink)
  const first = writable.getWriter()
  const [{ ready }, written] = [first, first.write("first")]
  first.releaseLock()
  await expect(ready).rejects.toThrow(TypeError)
  const second = writable.getWriter()
  const { ready: later } = second
  sink.free = 1
  sink.advance()
  await Promise.all([written, later])
  expect(sink.taken).toEqual(["first"])
  await expect(first.ready).rejects.toThrow(TypeError)
})

test("A writer that is let go of after its close does not end the close", async () => {
  const sink = new FullSink()
  const writable = new DirectWritable(sink)
  const writer = writable.getWriter()
  const [{ ready }, written] = [writer, writer.write("first")]
  const closed = writer.close()
  await ready
  writer.releaseLock()
  await new Promise((resolve) => setTimeout(resolve, 0)) // the sink's close has begun
  sink.free = 1
  sink.advance()
  await Promise.all([written, closed])
  expect(sink.taken).toEqual(["first"])
})

test("A writable that is aborted takes nothing more, also before it has started", async () => {
  for (const hasStarted of [false, true]) {
    const { writable, received } = open()
    const writer = writable.getWriter()
    if (hasStarted) await writer.write(new Uint8Array(1))
    const reason = new Error("enough")
    const aborted = writer.abort(reason)
    await expect(writer.write(new Uint8Array(2))).rejects.toBe(reason)
    await aborted
    expect(received).toHaveLength(hasStarted ? 1 : 0)
  }
})

test("A close that is refused, as it is locked, closes nothing", async () => {
  const { writable, received } = open()
  const writer = writable.getWriter()
  await expect(writable.close()).rejects.toThrow(TypeError)
  await writer.write(new Uint8Array(1))
  expect(received).toHaveLength(1)
})

import { expect, test } from "vitest"
import { createTransport } from "./create-transport.ts"
import type { TransportController, UnderlyingTransport } from "./underlying-transport.ts"

/** Lets everything happen that waits for nothing but its turn. */
async function quiet(): Promise<void> {
  for (let turn = 0; turn < 32; turn++) await Promise.resolve()
}

/** A connection that takes so many pieces, and then so many more at each drain. */
function open({ room, ...more }: { room: number } & Partial<UnderlyingTransport>) {
  const sent: string[] = []
  let left = room
  let controller: TransportController | undefined
  const transport = createTransport({
    halfClose: true,
    start(given) {
      controller = given
    },
    write(bytes) {
      sent.push(String(bytes))
      return --left > 0
    },
    close: () => void sent.push("close"),
    abort: () => void sent.push("abort"),
    release: () => {},
    ...more,
  })
  const drain = (): void => {
    left = room
    controller?.drain()
  }
  return { ...transport, sent, drain }
}

const bytes = (...values: number[]) => Uint8Array.from(values)

test("A chunk leaves within write() while there is room, and waits when there is none", async () => {
  const { writable, sent, drain } = open({ room: 2 })
  const writer = writable.getWriter()
  const settled: number[] = []
  for (const n of [1, 2, 3]) void writer.write(bytes(n)).then(() => settled.push(n))
  expect(sent).toEqual(["1", "2"])
  expect(writer.desiredSize).toBe(0)
  await quiet()
  expect(settled).toEqual([1])
  const ready = writer.ready
  drain()
  expect(sent).toEqual(["1", "2", "3"])
  await ready
  expect(settled).toEqual([1, 2, 3])
  expect(writer.desiredSize).toBe(1)
})

test("What was written before it opens, and the rest of a cut chunk, is overtaken by nothing", async () => {
  const opened = Promise.withResolvers<void>()
  const start = { maxMessageBytes: 2, start: () => opened.promise }
  const { writable, sent } = open({ room: 1000, ...start })
  const writer = writable.getWriter()
  void writer.write(bytes(1, 2, 3))
  void writer.write(bytes(4))
  await quiet()
  expect([sent, writer.desiredSize]).toEqual([[], 0])
  opened.resolve()
  await writer.ready
  expect(sent).toEqual(["1,2", "3", "4"])

  const cut = open({ room: 1, maxMessageBytes: 2 })
  const into = cut.writable.getWriter()
  void into.write(bytes(1, 2, 3, 4, 5))
  void into.write(bytes(6))
  const closed = into.close()
  await quiet()
  expect(cut.sent).toEqual(["1,2"])
  for (const now of ["3,4", "5", "6"]) {
    cut.drain()
    await quiet()
    expect(cut.sent.at(-1)).toBe(now)
  }
  cut.drain()
  await closed
  expect(cut.sent).toEqual(["1,2", "3,4", "5", "6", "close"])
})

test("A pipe of the platform's, and a writer after it, keep the order", async () => {
  const { writable, sent, drain } = open({ room: 1 })
  const source = new ReadableStream({
    start(controller) {
      for (const n of [1, 2]) controller.enqueue(bytes(n))
      controller.close()
    },
  })
  const piped = source.pipeTo(writable, { preventClose: true })
  for (let look = 0; look < 2; look++) {
    await quiet()
    drain()
  }
  await piped
  const writer = writable.getWriter()
  const written = writer.write(bytes(3))
  expect(sent).toEqual(["1", "2", "3"])
  drain()
  await written
})

test("An abort rejects what waits at once, with its reason", async () => {
  for (const start of [{}, { start: () => new Promise<void>(() => {}) }]) {
    const { writable, readable, sent } = open({ room: 1, ...start })
    const writer = writable.getWriter()
    const written = [1, 2].map((n) => writer.write(bytes(n)).catch((reason: unknown) => reason))
    const reason = new Error("planted")
    const closed = writer.closed.catch((error: unknown) => error)
    const aborted = writer.abort(reason)
    expect(await Promise.all([...written, closed])).toEqual([reason, reason, reason])
    await expect(readable.getReader().read()).rejects.toBe(reason)
    expect(sent.at(-1)).toBe("abort")
    // That of a writable that has not started waits for it, as the standard says.
    if (sent.length > 1) await aborted
    else aborted.catch(() => {})
  }
})

test("A chunk that is not bytes breaks it off, also from within a queue", async () => {
  for (const room of [2, 1]) {
    const { writable, sent, drain } = open({ room })
    const writer = writable.getWriter()
    void writer.write(bytes(1)).catch(() => {})
    // Only what TypeScript keeps callers from doing can show this.
    const refused = writer.write("text" as unknown as Uint8Array).catch((error: unknown) => error)
    drain()
    expect(await refused).toBeInstanceOf(TypeError)
    await expect(writer.closed).rejects.toBe(await refused)
    expect(sent).toEqual(["1", "abort"])
  }
})

test("A reader that gives up lets a paused connection go on, whose bytes nobody wants", async () => {
  const calls: string[] = []
  let controller: TransportController | undefined
  const { readable, writable } = createTransport(
    {
      halfClose: true,
      start(given) {
        controller = given
      },
      write: () => true,
      close: () => void calls.push("close"),
      abort: () => void calls.push("abort"),
      pause: () => void calls.push("pause"),
      resume: () => void calls.push("resume"),
      release: () => void calls.push("release"),
    },
    { pauseBytes: 1000 },
  )
  controller?.enqueue(new Uint8Array(2000))
  expect(calls).toEqual(["pause"])
  await readable.cancel()
  expect(calls).toContain("resume")
  expect(calls).not.toContain("release")
  controller?.enqueue(new Uint8Array(2000))
  await writable.close()
  expect(calls.slice(-2)).toEqual(["close", "release"])
})

test("Where the end of one direction is that of both, close() ends the readable", async () => {
  const { readable, writable } = open({ room: 10, halfClose: false })
  const reader = readable.getReader()
  await writable.close()
  expect(await reader.read()).toEqual({ done: true, value: undefined })
})

import { from, toArray, VirtualClock } from "@bellmouth/core"
import { expect, test } from "vitest"
import { MuxError } from "../wire/mux-error.ts"
import { connectObjects } from "./connect-objects.ts"
import type { ObjectSession } from "./object-session.ts"
import type { ObjectSessionOptions } from "./object-session-options.ts"

function pair(options: ObjectSessionOptions = {}): [ObjectSession, ObjectSession] {
  const { port1, port2 } = new MessageChannel()
  return [connectObjects(port1, options), connectObjects(port2, options)]
}

/** Some turns of the event loop, in which what is under way between ports comes. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) {
    await new Promise((resolve) => {
      setTimeout(resolve, 0)
    })
  }
}

test("Chunks of any kind come in their order, and each direction ends alone", async () => {
  const [client, server] = pair()
  const chunks = [1, undefined, null, "a", { a: [1n] }, new Map([[1, new Date(0)]]), [], "end"]
  const many = Array.from({ length: 1000 }, (_, n) => n)
  server.serve(async ({ metadata, readable, writable }) => {
    expect(metadata).toEqual({ kind: "reverse" })
    const got = await toArray(readable)
    await from(got.toReversed()).pipeTo(writable)
  })
  for (const sent of [chunks, many, []]) {
    const channel = client.open({ kind: "reverse" })
    void from(sent).pipeTo(channel.writable)
    expect(await toArray(channel.readable)).toEqual(sent.toReversed())
    await channel.finished
  }
  await Promise.all([client.close(), server.closed])
})

test("A reader that stops holds its writer after the window, and no other channel", async () => {
  const [client, server] = pair({ windowItems: 4 })
  server.serve(({ metadata, readable, writable }) => {
    if (metadata === "echo") return readable.pipeTo(writable)
    return stopped.promise
  })
  const stopped = Promise.withResolvers<void>()
  const writer = client.open("stopped").writable.getWriter()
  await client.ready
  let taken = 0
  for (let n = 0; n < 50; n++) {
    writer.write(n).then(
      () => taken++,
      () => {}, // it is cancelled below
    )
  }
  const echo = client.open("echo")
  void from(Array.from({ length: 100 }, (_, n) => n)).pipeTo(echo.writable)
  expect(await toArray(echo.readable)).toHaveLength(100)
  expect(taken).toBe(4)
  stopped.resolve()
  await expect(writer.closed).rejects.toMatchObject({ code: "CANCELLED" })
  await client.close()
})

test("Credit is given for what was taken alone", async () => {
  const [client, server] = pair({ windowItems: 2 })
  const channel = client.open()
  const writer = channel.writable.getWriter()
  let taken = 0
  for (let n = 0; n < 10; n++) {
    writer.write(n).then(
      () => taken++,
      () => {}, // it is aborted below
    )
  }
  const { value: accepted } = await server.channels.getReader().read()
  const reader = accepted?.readable.getReader()
  await settle()
  expect(taken).toBe(2)
  for (let n = 1; n <= 5; n++) {
    expect(await reader?.read()).toEqual({ done: false, value: n - 1 })
    await settle()
    expect(taken).toBe(n + 2)
  }
  writer.closed.catch(() => {}) // the abort below
  await client.abort()
})

test("A cancel reaches the writer and an abort the reader, with code and text", async () => {
  const [client, server] = pair()
  const channel = client.open()
  const writer = channel.writable.getWriter()
  await writer.write("first")
  const { value: accepted } = await server.channels.getReader().read()
  const full = new MuxError("APPLICATION", "The disk is full", { wireCode: 300 })
  await accepted?.readable.cancel(full)
  await expect(writer.closed).rejects.toMatchObject({ wireCode: 300, message: "The disk is full" })
  expect(channel.signal.aborted).toBe(true)
  await accepted?.writable.abort(new Error("private"))
  await expect(channel.readable.getReader().read()).rejects.toMatchObject({
    code: "INTERNAL",
    message: "The peer said INTERNAL (2)",
  })
  await expect(channel.finished).rejects.toBeInstanceOf(MuxError)
  await client.close()
})

test("fail() delivers what was written, abort() drops it", async () => {
  const [client, server] = pair()
  server.serve(async (channel) => {
    const writer = channel.writable.getWriter()
    for (let n = 0; n < 5; n++) await writer.write(n)
    const reason = new MuxError("APPLICATION", "No more")
    if (channel.metadata === "fail") channel.fail(reason)
    else await writer.abort(reason)
  })
  for (const [how, chunks] of [
    ["fail", [0, 1, 2, 3, 4]],
    ["abort", []],
  ] as const) {
    const channel = client.open(how)
    await settle()
    const got: unknown[] = []
    const reading = (async () => {
      for await (const chunk of channel.readable) got.push(chunk)
    })()
    await expect(reading, how).rejects.toMatchObject({ message: "No more" })
    expect(got).toEqual(chunks)
    await channel.writable.close().catch(() => {}) // the handler has left
  }
  await client.close()
})

test("Requests are answered, fail with their codes, and are given up", async () => {
  const clock = new VirtualClock()
  const [client, server] = pair({ clock })
  await expect(client.request(1)).rejects.toMatchObject({ code: "UNKNOWN_METHOD" })
  const signals: AbortSignal[] = []
  server.handle((value, { signal }) => {
    signals.push(signal)
    if (value === "late") return new Promise((resolve) => signal.addEventListener("abort", resolve))
    if (value === "private") throw new Error("a path")
    if (value === "public") throw new MuxError("REFUSED", "Not now")
    return value === "function" ? () => {} : { value }
  })
  const values = [undefined, 1, "a", null]
  const replies = await Promise.all(values.map((value) => client.request(value)))
  expect(replies).toEqual(values.map((value) => ({ value })))
  await expect(client.request("public")).rejects.toMatchObject({ message: "Not now" })
  await expect(client.request("private")).rejects.toMatchObject({
    code: "INTERNAL",
    message: expect.not.stringContaining("path"),
  })
  await expect(client.request("function")).rejects.toMatchObject({ code: "INTERNAL" })
  await expect(client.request(() => {})).rejects.toBeInstanceOf(TypeError)
  const late = client.request("late", { timeoutMs: 50 })
  await settle()
  await Promise.all([expect(late).rejects.toMatchObject({ code: "TIMEOUT" }), clock.advance(50)])
  const aborter = new AbortController()
  const given = client.request("late", { signal: aborter.signal })
  await settle()
  aborter.abort("why")
  await expect(given).rejects.toBe("why")
  await client.close()
  expect(signals.filter(({ aborted }) => aborted)).toHaveLength(2)
  expect(clock.pending).toBe(0)
})

test("close() lets what is open end, and refuses what is new; abort() does not wait", async () => {
  const [client, server] = pair()
  server.serve(({ readable, writable }) => readable.pipeTo(writable))
  const channel = client.open()
  const writer = channel.writable.getWriter()
  await writer.write("first")
  const closed = client.close()
  expect(() => client.open()).toThrow(expect.objectContaining({ code: "CLOSED" }))
  await settle()
  expect(() => server.open()).toThrow(expect.objectContaining({ code: "CLOSED" }))
  await writer.write("second")
  await writer.close()
  expect(await toArray(channel.readable)).toEqual(["first", "second"])
  await Promise.all([closed, server.closed])

  const [here, there] = pair()
  const open = here.open()
  await here.ready
  await here.abort(new MuxError("APPLICATION", "Enough"))
  await expect(open.finished).rejects.toMatchObject({ code: "CONNECTION_LOST" })
  await expect(here.closed).rejects.toMatchObject({ message: "Enough" })
  await expect(there.closed).rejects.toMatchObject({ code: "APPLICATION", message: "Enough" })
})

test("Both sides may close at once, and before they have greeted", async () => {
  const [client, server] = pair()
  await Promise.all([client.close(), server.close()])
  await expect(client.request(1)).rejects.toMatchObject({ code: "CLOSED" })
})

test("Places are bounded here and there, and held until the handler is done", async () => {
  const [client, server] = pair({ maxChannels: 2, maxPendingOpens: 3 })
  const handlers: (() => void)[] = []
  server.serve(() => new Promise<void>((resolve) => handlers.push(resolve)))
  await client.ready
  const channels = Array.from({ length: 5 }, () => client.open())
  expect(() => client.open()).toThrow(expect.objectContaining({ code: "REFUSED" }))
  for (const { readable, writable } of channels.slice(0, 2)) {
    await Promise.all([readable.cancel(), writable.abort()])
  }
  await settle()
  expect(handlers).toHaveLength(2)
  for (let done = 0; done < 5; done++) {
    handlers[done]?.()
    await settle()
  }
  expect(handlers).toHaveLength(5)
  for (const { writable } of channels.slice(2)) await writable.close().catch(() => {}) // cancelled
  await client.close()
})

test("A port that ends fails everything, after what has come", async () => {
  const { port1, port2 } = new MessageChannel()
  const [client, server] = [connectObjects(port1), connectObjects(port2)]
  const channel = client.open()
  const { value: accepted } = await server.channels.getReader().read()
  await accepted?.writable.getWriter().write("came")
  await settle()
  port2.close()
  await expect(client.closed).rejects.toMatchObject({ code: "CONNECTION_LOST" })
  const reader = channel.readable.getReader()
  expect(await reader.read()).toEqual({ done: false, value: "came" })
  await expect(reader.read()).rejects.toMatchObject({ code: "CONNECTION_LOST" })
})

test("A signal ends both directions, also of a channel that waits to open", async () => {
  const [client, server] = pair({ maxChannels: 1 })
  const aborter = new AbortController()
  const first = client.open()
  await client.ready
  const waiting = client.open(undefined, { signal: aborter.signal })
  const writing = waiting.writable.getWriter().write(1)
  aborter.abort("why")
  await expect(writing).rejects.toBe("why")
  await expect(waiting.readable.getReader().read()).rejects.toBe("why")
  await expect(waiting.finished).rejects.toBe("why")
  expect(() => client.open(undefined, { signal: aborter.signal })).toThrow("why")
  expect(first.id).toBe(1)
  await server.abort()
})

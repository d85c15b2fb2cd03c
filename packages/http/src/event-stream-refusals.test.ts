import { expect, test } from "vitest"
import { EventStream } from "./event-stream.ts"
import type { EventStreamOptions } from "./event-stream-options.ts"
import { openLogStream } from "./open-log-stream.ts"

const url = "http://localhost/events"

test("a URL that can not be fetched is a TypeError", () => {
  expect(() => new EventStream("/relative")).toThrow(TypeError)
  expect(() => new EventStream("ftp://localhost/")).toThrow(TypeError)
})

test("a URL with a user in it is a TypeError that does not tell the password", () => {
  expect(() => new EventStream("http://ada:secret@localhost/")).toThrow(
    "Cannot read events from localhost: fetch takes no user in a URL; use the header authorization",
  )
})

test.each<[string, EventStreamOptions]>([
  ["headers", { headers: { "x-name": "two\nlines" } }],
  ["a last id", { lastEventId: "two\nlines" }],
])(
  "%s that no request can have end the stream, and are not tried again",
  async (_name, options) => {
    let requests = 0
    const fetch = async () => {
      requests++
      return new Response(null, { status: 204 })
    }
    const onReconnect = () => {
      throw new Error("Tried again")
    }
    const stream = new EventStream(url, { ...options, fetch, onReconnect })
    await expect(stream.getReader().read()).rejects.toThrow(TypeError)
    expect(requests).toBe(0)
  },
)

test("a last id that no log has handed out is refused at once", () => {
  expect(() => openLogStream(url, { lastEventId: "7" })).toThrow(
    expect.objectContaining({ code: "BAD_OFFSET" }),
  )
})

test("an event stream without a body has ended, and is asked for again", async () => {
  const headers = { "content-type": "Text/Event-Stream; charset=utf-8" }
  const answers = [new Response(null, { headers }), new Response("data: a\n\n", { headers })]
  const fetch = async () => answers.shift() ?? new Response(null, { status: 204 })
  const stream = new EventStream(url, { fetch, maxRetryMs: 1 })
  const data: string[] = []
  for await (const event of stream) data.push(event.data)
  expect([data, stream.reconnects]).toEqual([["a"], 2])
})

test("an answer whose body breaks off counts by its status all the same", async () => {
  const broken = (init: ResponseInit) => {
    const start = (controller: ReadableStreamDefaultController) =>
      controller.error(new TypeError("terminated"))
    return new Response(new ReadableStream({ start }), init)
  }
  const answers = [broken({ status: 503 }), broken({ status: 404 })]
  const fetch = async () => answers.shift() ?? new Response(null, { status: 204 })
  const stream = new EventStream(url, { fetch, retryMs: 1 })
  await expect(stream.getReader().read()).rejects.toMatchObject({ code: "REFUSED", status: 404 })
  expect(stream.reconnects).toBe(1)

  const page = async () => broken({ headers: { "content-type": "text/html" } })
  const reading = new EventStream(url, { fetch: page }).getReader().read()
  await expect(reading).rejects.toMatchObject({ code: "BAD_RESPONSE" })
})

test("it gives up after maxFailures attempts in a row, with the last cause", async () => {
  const options: EventStreamOptions = {
    maxRetryMs: 1,
    maxFailures: 3,
    fetch: () => Promise.reject(new TypeError("fetch failed")),
  }
  const reading = new EventStream(url, options).getReader().read()
  await expect(reading).rejects.toMatchObject({
    code: "GAVE_UP",
    cause: { message: "fetch failed" },
  })
})

test("cancel ends the last request, and leaves those before it alone", async () => {
  const signals: (AbortSignal | null | undefined)[] = []
  const asked = Promise.withResolvers<void>()
  const fetch = (_url: string, init: RequestInit) => {
    if (signals.push(init.signal) < 3) return Promise.reject(new TypeError("fetch failed"))
    asked.resolve()
    return new Promise<Response>(() => {})
  }
  const reader = new EventStream(url, { fetch, maxRetryMs: 1 }).getReader()
  const read = reader.read()
  await asked.promise
  await reader.cancel("enough")
  expect(signals.map((signal) => signal?.aborted)).toEqual([false, false, true])
  expect(signals[2]?.reason).toBe("enough")
  expect(await read).toEqual({ done: true, value: undefined })
})

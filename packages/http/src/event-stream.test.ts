import fc from "fast-check"
import { expect, test } from "vitest"
import { EventStream } from "./event-stream.ts"
import type { EventStreamOptions, Reconnect } from "./event-stream-options.ts"
import { HttpError, type HttpErrorCode } from "./http-error.ts"
import type { Schedule } from "./schedule.ts"

const url = "http://localhost/events"
const immediately: Schedule = (callback, delayMs) => {
  // Waits pass at once; an idle timeout, which is longer than any wait here, never comes.
  const handle = delayMs < 50_000 ? setImmediate(callback) : undefined
  return () => clearImmediate(handle)
}

function eventStreamOf(body: BodyInit | null, init: ResponseInit = {}): Response {
  return new Response(body, { headers: { "content-type": "text/event-stream" }, ...init })
}

/** Bytes that end in an error, as when a connection is cut. */
function cut(bytes: Uint8Array): ReadableStream<Uint8Array<ArrayBuffer>> {
  let isSent = false
  return new ReadableStream({
    pull(controller) {
      if (isSent) return controller.error(new TypeError("terminated"))
      isSent = true
      controller.enqueue(bytes.slice())
    },
  })
}

function answering(
  ...answers: ((lastEventId: string) => Response | Promise<Response>)[]
): EventStreamOptions & { asked: string[] } {
  const asked: string[] = []
  const fetch = async (_url: string, init: RequestInit) => {
    const id = new Headers(init.headers).get("last-event-id") ?? ""
    asked.push(id)
    return (answers.shift() ?? (() => new Response(null, { status: 204 })))(id)
  }
  return { asked, fetch, schedule: immediately, random: () => 0 }
}

async function all(stream: ReadableStream<{ readonly data: string }>): Promise<string[]> {
  const data: string[] = []
  for await (const event of stream) data.push(event.data)
  return data
}

const wire =
  "retry: 5\nid: 0\n\nid: 1\ndata: a\n\n:\n\nid: 2\ndata: é😀\ndata: b\n\nid: 3\ndata: c\n\n"
const wireBytes = new TextEncoder().encode(wire)

test("an event stream cut at every single byte loses and repeats nothing", async () => {
  for (let at = 0; at <= wireBytes.length; at++) {
    const rest = (id: string) =>
      eventStreamOf(id === "" ? wire : wire.slice(wire.indexOf(`id: ${Number(id) + 1}\n`) >>> 0))
    const options = answering(() => eventStreamOf(cut(wireBytes.subarray(0, at))), rest)
    expect(await all(new EventStream(url, options))).toEqual(["a", "é😀\nb", "c"])
  }
})

test("any series of cuts and clean ends gives the same events", async () => {
  let cuts = 0
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(200), { maxLength: 12 }), async (lengths) => {
      const records = Array.from({ length: 30 }, (_, n) => `id: ${n + 1}\ndata: ${n}\n\n`)
      const from = (id: string) => new TextEncoder().encode(records.slice(Number(id)).join(""))
      const served = lengths.map((length, index) => (id: string) => {
        cuts++
        const bytes = from(id).subarray(0, length)
        return eventStreamOf(index % 2 === 0 ? cut(bytes) : bytes)
      })
      const options = answering(...served, (id) => eventStreamOf(from(id)))
      const expected = Array.from({ length: 30 }, (_, n) => String(n))
      expect(await all(new EventStream(url, options))).toEqual(expected)
    }),
    { numRuns: 100 },
  )
  expect(cuts).toBeGreaterThan(200)
})

test("an id-only block is resumed from, also when no event ever came", async () => {
  const options = answering(() => eventStreamOf("id: logid.41\n\n"))
  const stream = new EventStream(url, options)
  expect(await all(stream)).toEqual([])
  expect(options.asked).toEqual(["", "logid.41"])
  expect(stream.lastEventId).toBe("logid.41")
})

test("waits follow the server's retry, double while nothing comes, and stop at the limit", async () => {
  const reconnects: Reconnect[] = []
  const refuse = () => new Response(null, { status: 503 })
  const options = answering(
    () => eventStreamOf("retry: 200\ndata: a\n\n"),
    refuse,
    refuse,
    () => Promise.reject(new TypeError("fetch failed")),
    refuse,
    () => eventStreamOf("data: b\n\n"),
  )
  const stream = new EventStream(url, {
    ...options,
    random: () => 1 - Number.EPSILON,
    maxRetryMs: 700,
    onReconnect: (reconnect) => reconnects.push(reconnect),
  })
  expect(await all(stream)).toEqual(["a", "b"])
  expect(reconnects.map((each) => each.delayMs)).toEqual([200, 200, 400, 700, 700, 200])
  expect(reconnects.map((each) => each.failures)).toEqual([0, 1, 2, 3, 4, 0])
  expect(reconnects[3]?.cause).toBeInstanceOf(TypeError)
  expect(stream.reconnects).toBe(6)
})

test("Retry-After lengthens a wait, within the limit", async () => {
  const delays: number[] = []
  const busy =
    (time: string, date = "") =>
    () =>
      new Response(null, { status: 429, headers: { "retry-after": time, date } })
  const at = (second: number) => `Wed, 21 Oct 2015 07:28:0${second} GMT`
  const options = answering(
    ...[
      busy("2"),
      busy("86400"),
      busy("soon"),
      busy(at(9), at(4)),
      busy(at(4), at(9)),
      busy(at(9)),
    ],
  )
  const onReconnect = (reconnect: Reconnect) => void delays.push(reconnect.delayMs)
  await all(new EventStream(url, { ...options, onReconnect }))
  expect(delays).toEqual([2000, 30_000, 2000, 5000, 8000, 15_000])
})

const problem = (status: number, code: string) => () =>
  new Response(JSON.stringify({ code, detail: `Cannot: ${code}` }), {
    status,
    headers: { "content-type": "application/problem+json" },
  })

test.each<[string, () => Response, HttpErrorCode, number | undefined]>([
  ["404", () => new Response("no", { status: 404 }), "REFUSED", 404],
  ["205", () => new Response(null, { status: 205 }), "REFUSED", 205],
  ["a replaced log", problem(410, "LOG_REPLACED"), "LOG_REPLACED", 410],
  ["a code that is not ours", problem(400, "RUN_THIS"), "REFUSED", 400],
  [
    "a broken problem",
    () =>
      new Response("{", { status: 416, headers: { "content-type": "application/problem+json" } }),
    "REFUSED",
    416,
  ],
  [
    "HTML",
    () => new Response("<p>", { headers: { "content-type": "text/html" } }),
    "BAD_RESPONSE",
    200,
  ],
  [
    "a type that only begins alike",
    () => new Response("", { headers: { "content-type": "text/event-streams" } }),
    "BAD_RESPONSE",
    200,
  ],
  [
    "another origin",
    () =>
      new Response(null, { status: 307, headers: { location: "http://169.254.169.254/latest" } }),
    "BAD_REDIRECT",
    307,
  ],
  [
    "another port",
    () => new Response(null, { status: 302, headers: { location: "//localhost:81/" } }),
    "BAD_REDIRECT",
    302,
  ],
  ["no location", () => new Response(null, { status: 301 }), "BAD_REDIRECT", 301],
])(
  "%s ends the stream with one clear error, and no second request",
  async (_name, answer, code, status) => {
    const options = answering(answer)
    const error = await all(new EventStream(url, options)).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(HttpError)
    expect(error).toMatchObject({ code, status })
    expect(options.asked).toHaveLength(1)
  },
)

test("a redirect inside the origin is followed, for ever is not", async () => {
  const targets: string[] = []
  const redirecting = (hops: number): EventStreamOptions => ({
    schedule: immediately,
    fetch: async (target) => {
      targets.push(target)
      if (targets.length > hops) return new Response(null, { status: 204 })
      return new Response(null, { status: 307, headers: { location: `/hop${targets.length}` } })
    },
  })
  await all(new EventStream(url, redirecting(2)))
  expect(targets).toEqual([url, "http://localhost/hop1", "http://localhost/hop2"])
  targets.length = 0
  const looping = all(new EventStream(url, redirecting(100)))
  await expect(looping).rejects.toMatchObject({ code: "BAD_REDIRECT" })
  expect(targets).toHaveLength(6)
})

test("an event over the limit errors the stream, after the events before it", async () => {
  const seen: string[] = []
  const options = answering(() => eventStreamOf(`data: a\n\ndata: ${"x".repeat(100)}\n\n`))
  const stream = new EventStream(url, { ...options, maxEventBytes: 50 })
  const reading = (async () => {
    for await (const event of stream) seen.push(event.data)
  })()
  await expect(reading).rejects.toMatchObject({ code: "EVENT_TOO_LARGE" })
  expect(seen).toEqual(["a"])
})

function idleServer() {
  const state = { cancelled: [] as unknown[], aborted: 0, requests: 0 }
  const fetch = async (_url: string, init: RequestInit) => {
    state.requests++
    init.signal?.addEventListener("abort", () => state.aborted++)
    return eventStreamOf(
      new ReadableStream({
        start: (controller) => controller.enqueue(new TextEncoder().encode("data: a\n\n")),
        cancel: (reason) => void state.cancelled.push(reason),
      }),
    )
  }
  return { state, fetch }
}

test("cancel ends an idle connection with the reason", async () => {
  const { state, fetch } = idleServer()
  const reader = new EventStream(url, { fetch, schedule: immediately }).getReader()
  expect((await reader.read()).value?.data).toBe("a")
  const idle = reader.read()
  await reader.cancel("enough")
  expect(await idle).toEqual({ done: true, value: undefined })
  expect(state).toEqual({ cancelled: ["enough"], aborted: 1, requests: 1 })
})

test("a signal errors the stream with its reason, while it reads, waits or has not begun", async () => {
  const { state, fetch } = idleServer()
  const reason = new Error("stop")
  const reading = new AbortController()
  const reader = new EventStream(url, { fetch, signal: reading.signal }).getReader()
  await reader.read()
  const idle = reader.read()
  reading.abort(reason)
  await expect(idle).rejects.toBe(reason)
  expect(state.cancelled).toEqual([reason])

  const waiting = new AbortController()
  const never: Schedule = () => () => {}
  const refused = async () => new Response(null, { status: 503 })
  const pending = new EventStream(url, {
    fetch: refused,
    schedule: never,
    signal: waiting.signal,
    onReconnect: () => setImmediate(() => waiting.abort(reason)),
  }).getReader()
  await expect(pending.read()).rejects.toBe(reason)

  const early = new EventStream(url, { fetch, signal: AbortSignal.abort(reason) }).getReader()
  await expect(early.read()).rejects.toBe(reason)
  expect(state.requests).toBe(1)
})

test("a connection that is silent for too long is given up and resumed", async () => {
  const { state, fetch } = idleServer()
  let timeouts = 0
  const schedule: Schedule = (callback, delayMs) => {
    if (delayMs === 77 && timeouts++ > 3) return () => {}
    const handle = setImmediate(callback)
    return () => clearImmediate(handle)
  }
  const reader = new EventStream(url, { fetch, schedule, idleTimeoutMs: 77 }).getReader()
  for (let count = 0; count < 2; count++) expect((await reader.read()).value?.data).toBe("a")
  expect(state.requests).toBe(2)
  await reader.cancel()
})

test("a request that is not answered is given up and made again", async () => {
  const fetch = () => new Promise<Response>(() => {})
  const schedule: Schedule = (callback) => {
    const handle = setImmediate(callback)
    return () => clearImmediate(handle)
  }
  const stream = new EventStream(url, { fetch, schedule, idleTimeoutMs: 77, maxFailures: 2 })
  const cause = { message: "Cannot wait on: the connection was silent for 77 ms" }
  await expect(all(stream)).rejects.toMatchObject({ code: "GAVE_UP", cause })
  expect(stream.reconnects).toBe(1)
})

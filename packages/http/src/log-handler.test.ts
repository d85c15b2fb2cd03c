import { LogError, type RecordBatch, toOffset } from "@bellmouth/log"
import { expect, test } from "vitest"
import { append, get, logOf, sse } from "../testing/log-requests.ts"
import { createLogHandler, type LogHandlerOptions } from "./log-handler.ts"

/** Reads text from a body until it holds `until`, then cancels the body. */
async function readUntil(response: Response, until: string): Promise<string> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  let text = ""
  while (reader !== undefined && !text.includes(until)) {
    const { done, value } = await reader.read()
    if (done) break
    text += value
  }
  await reader?.cancel()
  return text
}

async function problemOf(response: Response): Promise<unknown> {
  expect(response.headers.get("content-type")).toBe("application/problem+json")
  const { status, code, detail } = JSON.parse(await response.text())
  expect(status).toBe(response.status)
  expect(detail).toMatch(/^Cannot /)
  return [status, code]
}

test("a log is NDJSON by default, byte for byte", async () => {
  const response = await createLogHandler(await logOf('{"a":1}', ' {"b" : 2} '))(get())
  expect(response.status).toBe(200)
  expect(Object.fromEntries(response.headers)).toMatchObject({
    "cache-control": "no-cache, no-transform",
    "content-type": "application/x-ndjson",
    "x-accel-buffering": "no",
    "x-content-type-options": "nosniff",
  })
  expect(response.headers.has("connection")).toBe(false)
  expect(await response.text()).toBe('{"a":1}\n {"b" : 2} \n')
})

test("a log is one JSON array when asked, and an empty one too", async () => {
  const accept = { accept: "application/json" }
  const full = await createLogHandler(await logOf("1", '"\u2028"'))(get("", accept))
  expect(await full.json()).toEqual([1, "\u2028"])
  expect(await (await createLogHandler(await logOf())(get("", accept))).json()).toEqual([])
})

test("an event stream gives retry, where it begins, and each record with the offset after it", async () => {
  const log = await logOf("1", "2")
  const response = await createLogHandler(log, { retryMs: 250 })(get("?offset=1", sse))
  const text = await readUntil(response, "data: 2\n\n")
  expect(text).toBe(`retry: 250\nid: ${log.id}.1\n\nid: ${log.id}.2\ndata: 2\n\n`)
})

test("an event stream follows the log, NDJSON only when asked", async () => {
  const log = await logOf("1")
  const handle = createLogHandler(log)
  const followed = await handle(get("?offset=now", sse))
  const lines = await handle(get("?follow=true"))
  await append(log, "2")
  expect(await readUntil(followed, "data: 2\n")).toContain(`id: ${log.id}.2\ndata: 2\n`)
  expect(await readUntil(lines, "2\n")).toBe("1\n2\n")
  expect(await (await handle(get())).text()).toBe("1\n2\n")
})

test("Last-Event-ID wins over the URL, as an EventSource keeps its URL", async () => {
  const log = await logOf("1", "2", "3")
  const headers = { ...sse, "last-event-id": `${log.id}.2` }
  const response = await createLogHandler(log)(get("?offset=0&last=3", headers))
  expect(await readUntil(response, "data: 3\n\n")).not.toContain("data: 2")
})

test("a finite event stream ends with 204, which stops an EventSource", async () => {
  const log = await logOf("1")
  const handle = createLogHandler(log)
  const first = await handle(get("?follow=false", sse))
  expect(await first.text()).toContain(`id: ${log.id}.1\ndata: 1\n\n`)
  const again = await handle(get("?follow=false", { ...sse, "last-event-id": `${log.id}.1` }))
  expect([again.status, again.body]).toEqual([204, null])
})

test("records that text can not carry are base64 events, the others keep their line feeds", async () => {
  const log = await logOf("a\nb", "a\r\nb", new Uint8Array([0xff, 0]), "")
  const response = await createLogHandler(log)(get("?follow=false", sse))
  const events = (await response.text()).replaceAll(`id: ${log.id}.`, "#").split("\n\n")
  expect(events.slice(1)).toEqual([
    "#1\ndata: a\ndata: b",
    "#2\nevent: base64\ndata: YQ0KYg==",
    "#3\nevent: base64\ndata: /wA=",
    "#4\ndata: ",
    "",
  ])
})

test("a record with a line feed is one NDJSON line when it is JSON, else it is refused", async () => {
  const pretty = await createLogHandler(await logOf('{\n "a": 1\n}'))(get())
  expect(await pretty.text()).toBe('{  "a": 1 }\n')
  const response = await createLogHandler(await logOf("a\nb"))(get())
  expect(await problemOf(response)).toEqual([406, "NOT_JSON"])
})

test.each([
  ["?offset=", {}, 400, "BAD_OFFSET"],
  ["?offset=x", {}, 400, "BAD_OFFSET"],
  ["?offset=1&offset=1", {}, 400, "BAD_QUERY"],
  ["?offset=1&last=1", {}, 400, "BAD_QUERY"],
  ["?limit=0", {}, 400, "BAD_QUERY"],
  ["?follow=maybe", {}, 400, "BAD_QUERY"],
  ["?follow=true", { accept: "application/json" }, 400, "BAD_QUERY"],
  ["", { "last-event-id": "3" }, 400, "BAD_OFFSET"],
  ["", { accept: "image/png" }, 406, "NOT_ACCEPTABLE"],
  ["?offset=3", {}, 416, "OFFSET_PAST_TAIL"],
  ["", { "last-event-id": "another-log.1" }, 410, "LOG_REPLACED"],
  ["?offset=another-log.1", {}, 410, "LOG_REPLACED"],
] as const)("GET %s with %j is %i %s", async (path, headers, status, code) => {
  const response = await createLogHandler(await logOf("1", "2"))(get(path, headers))
  expect(await problemOf(response)).toEqual([status, code])
})

test("HEAD and OPTIONS answer without a reader, other methods are 405 with Allow", async () => {
  const log = await logOf("1")
  let replays = 0
  const served = {
    id: log.id,
    start: () => log.start(),
    tail: () => log.tail(),
    sealed: () => log.sealed(),
    replayBatches: () => {
      replays++
      return log.replayBatches()
    },
  }
  const handle = createLogHandler(served)
  const head = await handle(get("", {}, "HEAD"))
  expect([head.status, head.body, head.headers.get("stream-next-offset")]).toEqual([
    200,
    null,
    `${log.id}.1`,
  ])
  const options = await handle(get("", {}, "OPTIONS"))
  expect([options.status, options.headers.get("allow")]).toEqual([204, "GET, HEAD, OPTIONS"])
  const nothing = await handle(get("?offset=now&follow=false", sse))
  expect(nothing.status).toBe(204)
  for (const { headers } of [options, nothing]) {
    expect(headers.get("cache-control")).toBe("no-cache, no-transform")
  }
  const post = await handle(get("", {}, "POST"))
  expect(post.headers.get("allow")).toBe("GET, HEAD, OPTIONS")
  expect(await problemOf(post)).toEqual([405, "METHOD_NOT_ALLOWED"])
  expect(replays).toBe(0)
})

test("every request passes authorize first, whatever its method", async () => {
  const seen: string[] = []
  const handle = createLogHandler(await logOf("1"), {
    authorize: (request) => {
      seen.push(request.method)
      return request.headers.get("authorization") === "Bearer sesame"
    },
  })
  for (const method of ["GET", "HEAD", "OPTIONS", "PUT"]) {
    expect((await handle(get("", {}, method))).status).toBe(403)
  }
  expect(seen).toEqual(["GET", "HEAD", "OPTIONS", "PUT"])
  expect((await handle(get("", { authorization: "Bearer sesame" }))).status).toBe(200)
  const elsewhere = createLogHandler(await logOf(), {
    authorize: () => new Response(null, { status: 401, headers: { "www-authenticate": "Bearer" } }),
  })
  expect((await elsewhere(get())).status).toBe(401)
})

function failing(code: string, options: LogHandlerOptions = {}) {
  const error = Object.assign(new Error("secret at /var/lib/log:12"), { code })
  const served = {
    id: "log",
    start: async () => toOffset(0),
    tail: async () => toOffset(9),
    sealed: async () => false,
    replayBatches: () =>
      new ReadableStream<RecordBatch>({
        pull() {
          throw error
        },
      }),
  }
  return createLogHandler(served, options)
}

test("records below the head are 410, any other fault is a 500 that tells nothing", async () => {
  expect(await problemOf(await failing("OFFSET_TRIMMED")(get("?offset=2")))).toEqual([
    410,
    "OFFSET_TRIMMED",
  ])
  const errors: unknown[] = []
  const response = await failing("CORRUPT", { onError: (error) => errors.push(error) })(get())
  const text = await response.text()
  expect([response.status, JSON.parse(text).code]).toEqual([500, "INTERNAL"])
  expect(text).not.toMatch(/secret|\/var|at /)
  expect(errors).toHaveLength(1)
})

test("a closed log is a 500 too, reported once", async () => {
  const log = await logOf("1")
  await log.close()
  const errors: unknown[] = []
  const response = await createLogHandler(log, { onError: (error) => errors.push(error) })(get())
  expect(response.status).toBe(500)
  expect(errors[0]).toBeInstanceOf(LogError)
})

test("wrong options are refused when the handler is made", async () => {
  const log = await logOf()
  expect(() => createLogHandler(log, { heartbeatMs: -1 })).toThrow(RangeError)
  expect(() => createLogHandler(log, { retryMs: 0.5 })).toThrow(RangeError)
})

test("a followed log that was trimmed to nothing answers at once, from wherever it is asked", async () => {
  const log = await logOf("one", "two")
  await log.trim(toOffset(2))
  const handle = createLogHandler(log, { heartbeatMs: 0 })
  for (const path of ["", "?offset=-1", "?last=5"]) {
    const response = await handle(get(path, sse))
    expect(response.status, path).toBe(200)
    const text = readUntil(response, "three")
    await append(log, "three")
    expect(await text, path).toContain("three")
    await log.trim(await log.tail())
    expect((await handle(get(`${path}&follow=false`.replace(/^&/, "?"), sse))).status).toBe(204)
  }
  for (const method of ["GET", "HEAD"]) {
    const gone = await handle(get("?offset=0", sse, method))
    expect(await problemOf(gone), method).toEqual([410, "OFFSET_TRIMMED"])
  }
})

test("the last part of a sealed log says so, and an event stream ends and stays ended", async () => {
  const log = await logOf('{"n":0}', '{"n":1}')
  const handle = createLogHandler(log)
  const before = await handle(get())
  expect(before.headers.has("stream-closed")).toBe(false)
  await before.text()
  const following = await handle(get("", sse))
  const text = following.text()
  await log.seal()
  expect(await text).toContain('{"n":1}')

  const whole = await handle(get())
  expect(whole.headers.get("stream-closed")).toBe("true")
  expect(await whole.text()).toBe('{"n":0}\n{"n":1}\n')
  const part = await handle(get("?offset=0&limit=1"))
  expect(part.headers.has("stream-closed")).toBe(false)
  await part.text()
  const rest = await handle(get("?offset=1&limit=9"))
  expect(rest.headers.get("stream-closed")).toBe("true")
  await rest.text()
  const followed = await handle(get("?follow=true"))
  expect(followed.headers.get("stream-closed")).toBe("true")
  expect(await followed.text()).toBe('{"n":0}\n{"n":1}\n')
  const late = await handle(get("?offset=2", sse))
  expect([late.status, late.headers.get("stream-closed")]).toEqual([204, "true"])
  const lines = await handle(get("?offset=2&follow=true"))
  expect([lines.status, lines.headers.get("stream-closed")]).toEqual([200, "true"])
  expect(await lines.text()).toBe("")
  const head = await handle(get("", {}, "HEAD"))
  expect(head.headers.get("stream-closed")).toBe("true")
})

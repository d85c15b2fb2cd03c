import { createMemoryLog, type Log } from "@bellmouth/log"
import fc from "fast-check"
import { expect, test } from "vitest"
import { createLogHandler } from "./log-handler.ts"
import { LogNdjsonEncoderStream } from "./log-ndjson-encoder-stream.ts"
import { openLogStream } from "./open-log-stream.ts"
import type { Schedule } from "./schedule.ts"

const immediately: Schedule = (callback, delayMs) => {
  const handle = delayMs < 50_000 ? setImmediate(callback) : undefined
  return () => clearImmediate(handle)
}

async function logOf(records: readonly Uint8Array[]): Promise<Log> {
  const log = createMemoryLog()
  const writer = log.writable().getWriter()
  for (const record of records) await writer.write(record)
  await writer.close()
  return log
}

/** A fetch over a handler whose bodies are cut after so many bytes each, until none is left. */
function cutting(log: Log, cuts: number[]) {
  const handle = createLogHandler(log, { retryMs: 0 })
  return async (url: string, init: RequestInit) => {
    const response = await handle(new Request(url, init))
    let left = cuts.shift()
    if (left === undefined || response.body === null) return response
    const limited = response.body.pipeThrough(
      new TransformStream<Uint8Array, Uint8Array<ArrayBuffer>>({
        transform(chunk, controller) {
          const part = chunk.slice(0, left)
          controller.enqueue(part)
          left = (left ?? 0) - part.length
          if (left === 0) controller.error(new TypeError("terminated"))
        },
      }),
    )
    return new Response(limited, { headers: response.headers })
  }
}

const hostile = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.string({ unit: "binary", maxLength: 20 }).map((text) => new TextEncoder().encode(text)),
  fc
    .array(
      fc.constantFrom("\r", "\n", "\0", "\uFEFF", ":", " ", "\u2028", "event: x", "id: 1", "data"),
    )
    .map((parts) => new TextEncoder().encode(parts.join(""))),
)

test("the largest record that a log takes by default comes through", async () => {
  const largest = new Uint8Array(16 * 1024 * 1024 - 4).fill(0xff)
  const handle = createLogHandler(await logOf([largest]))
  const fetch = (url: string, init: RequestInit) => handle(new Request(url, init))
  const reader = openLogStream("http://localhost/", { fetch }).getReader()
  expect((await reader.read()).value?.data.length).toBe(largest.length)
  await reader.cancel()
})

test("any records come through any cuts over HTTP, byte for byte", async () => {
  let records = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(hostile, { maxLength: 20 }),
      fc.array(fc.integer({ min: 1, max: 400 }), { maxLength: 10 }),
      async (input, cuts) => {
        const log = await logOf(input)
        const fetch = cutting(log, [...cuts])
        const entries = openLogStream("http://localhost/?follow=false", {
          fetch,
          schedule: immediately,
        })
        const out: Uint8Array[] = []
        for await (const { offset, data } of entries) {
          expect(offset).toBe(out.length)
          out.push(data)
        }
        expect(out).toEqual(input)
        records += out.length
      },
    ),
    { numRuns: 200 },
  )
  expect(records).toBeGreaterThan(500)
}, 20_000)

test("a log stream resumes from an id of an earlier one", async () => {
  const log = await logOf(["a", "b", "c"].map((text) => new TextEncoder().encode(text)))
  const fetch = cutting(log, [])
  const first = openLogStream("http://localhost/", { fetch }).getReader()
  const { value } = await first.read()
  await first.cancel()
  const rest = openLogStream("http://localhost/?follow=false", {
    fetch,
    retryMs: 0,
    lastEventId: value?.id ?? "",
  })
  expect(await new Response(rest.pipeThrough(new LogNdjsonEncoderStream())).text()).toBe("b\nc\n")
})

test.each([
  ["a gap", "id: log.1\ndata: a\n\nid: log.3\ndata: c\n\n", "OUT_OF_ORDER"],
  ["a repeat", "id: log.1\ndata: a\n\nid: log.1\ndata: a\n\n", "OUT_OF_ORDER"],
  ["another log", "id: log.1\ndata: a\n\nid: gol.2\ndata: b\n\n", "OUT_OF_ORDER"],
  ["no id", "data: a\n\n", "BAD_RESPONSE"],
  ["an id that stands before the first record", "id: log.0\ndata: a\n\n", "BAD_RESPONSE"],
  ["broken base64", "id: log.1\nevent: base64\ndata: *\n\n", "BAD_RESPONSE"],
])("a server that sends %s is caught", async (_name, body, code) => {
  const headers = { "content-type": "text/event-stream" }
  const entries = openLogStream("http://localhost/", {
    fetch: async () => new Response(body, { headers }),
    retryMs: 0,
  })
  const reading = (async () => {
    for await (const _entry of entries);
  })()
  await expect(reading).rejects.toMatchObject({ code })
})

import { collectText, forEach, toArray } from "@bellmouth/core"
import {
  createLogHandler,
  EventStream,
  LogNdjsonEncoderStream,
  openLogStream,
  type ReadableLog,
  type RemoteEntry,
} from "@bellmouth/http"
import { createMemoryLog, type Log } from "@bellmouth/log"
import bodies from "../vectors/http/bodies.json" with { type: "json" }
import requests from "../vectors/http/requests.json" with { type: "json" }
import { equal, ok, rejection, same, settle } from "./assert.ts"
import type { PortableSuite } from "./suite.ts"

const url = "http://localhost/events"
const encoder = new TextEncoder()

async function append(log: Log, records: readonly Uint8Array[]): Promise<Log> {
  const writer = log.writable().getWriter()
  for (const record of records) await writer.write(record)
  await writer.close()
  return log
}

function logOf(texts: readonly string[]): Promise<Log> {
  return append(
    createMemoryLog(),
    texts.map((text) => encoder.encode(text)),
  )
}

/** The log under the id that the vectors expect. */
function named(id: string, log: Log): ReadableLog {
  return {
    id,
    start: () => log.start(),
    tail: () => log.tail(),
    sealed: () => log.sealed(),
    replayBatches: (options) => log.replayBatches(options),
  }
}

function read(entries: ReadableStream<RemoteEntry>): Promise<RemoteEntry[]> {
  return toArray(entries)
}

/** A `fetch` over a log whose bodies break after so many bytes each, until none is left. */
function cutting(log: Log, lengths: number[]) {
  const handle = createLogHandler(log, { retryMs: 0 })
  return async (target: string, init: RequestInit): Promise<Response> => {
    const response = await handle(new Request(target, init))
    const length = lengths.shift()
    if (length === undefined || response.body === null) return response
    const bytes = new Uint8Array(await response.arrayBuffer()).slice(0, length)
    let isSent = false
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (isSent) return controller.error(new TypeError("cut"))
        isSent = true
        controller.enqueue(bytes)
      },
    })
    return new Response(body as ReadableStream<Uint8Array<ArrayBuffer>>, {
      headers: response.headers,
    })
  }
}

export const suite: PortableSuite = {
  name: "http: serving and resuming a log",
  tests: {
    "requests are answered as the vectors say": async () => {
      const handle = createLogHandler(named(requests.log, await logOf(requests.records)))
      let bodiesSeen = 0
      for (const {
        query,
        method = "GET",
        accept,
        lastEventId,
        status,
        code,
        body,
      } of requests.requests) {
        const headers = new Headers()
        if (accept !== undefined) headers.set("accept", accept)
        if (lastEventId !== undefined) headers.set("last-event-id", lastEventId)
        const response = await handle(new Request(url + query, { method, headers }))
        const text = await response.text()
        equal(response.status, status, `status of ${query}`)
        if (code !== undefined) equal(JSON.parse(text).code, code, `code of ${query}`)
        if (body === undefined) continue
        equal(text, body, `body of ${query}`)
        bodiesSeen++
      }
      ok(bodiesSeen > 10, "The vectors have bodies")
    },
    "records of any bytes are events as the vectors say, and come back": async () => {
      for (const { hex, event } of bodies.records) {
        const record = Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16))
        const log = await append(createMemoryLog(), [record])
        const headers = { accept: "text/event-stream" }
        const request = new Request(`${url}?follow=false`, { headers })
        const response = await createLogHandler(named(bodies.log, log))(request)
        equal(await response.text(), `retry: 1000\nid: L.0\n\n${event}`, `events of ${hex}`)
        const entries = await read(
          openLogStream(`${url}?follow=false`, { fetch: cutting(log, []) }),
        )
        equal(
          entries.map(({ data }) => Array.from(data)),
          [Array.from(record)],
          `record ${hex}`,
        )
      }
    },
    "a client that is cut at every byte of a body loses and repeats nothing": async () => {
      const texts = ['{"a":1}', "é😀", "a\nb", "c\rd", ""]
      const log = await logOf(texts)
      const decoder = new TextDecoder()
      for (let length = 1; length < 260; length += 7) {
        const fetch = cutting(log, [length, length, length + 40])
        const entries = await read(openLogStream(`${url}?follow=false`, { fetch, maxRetryMs: 1 }))
        equal(
          entries.map(({ data }) => decoder.decode(data)),
          texts,
          `records of cuts at ${length}`,
        )
      }
    },
    "a followed log is read as it grows, as lines": async () => {
      const log = await logOf(["1"])
      const lines = openLogStream(url, { fetch: cutting(log, []) }).pipeThrough(
        new LogNdjsonEncoderStream(),
      )
      const reader = lines.getReader()
      const decoder = new TextDecoder()
      equal(decoder.decode((await reader.read()).value), "1\n")
      const next = reader.read()
      await append(log, [encoder.encode("2")])
      equal(decoder.decode((await next).value), "2\n")
      await reader.cancel()
    },
    "a client of a log that is sealed gets every record, and ends": async () => {
      const log = await logOf(["1", "2"])
      const reader = openLogStream(url, { fetch: cutting(log, []) }).getReader()
      equal((await reader.read()).value?.offset, 0)
      await log.seal()
      equal((await reader.read()).value?.offset, 1)
      equal((await reader.read()).done, true)
    },
    "cancel of a client reaches an idle log's reader": async () => {
      const log = await logOf([])
      const reasons: unknown[] = []
      const watched = {
        ...named("L", log),
        replayBatches: () => {
          const source: UnderlyingDefaultSource<never> = { cancel: (why) => void reasons.push(why) }
          return new ReadableStream<never>(source)
        },
      }
      const handle = createLogHandler(watched)
      const events = new EventStream(url, { fetch: (at, init) => handle(new Request(at, init)) })
      const reader = events.getReader()
      const idle = reader.read()
      await settle()
      await reader.cancel("enough")
      equal((await idle).done, true)
      await settle()
      equal(reasons.length, 1)
    },
    "an idle body beats, and a problem says what is wrong": async () => {
      const log = await logOf([])
      const beats: (() => void)[] = []
      const handle = createLogHandler(log, {
        schedule: (callback) => {
          beats.push(callback)
          return () => {}
        },
      })
      const response = await handle(new Request(`${url}?follow=true`))
      const reader = response.body?.getReader()
      const first = reader?.read()
      await settle()
      beats[0]?.()
      equal(new TextDecoder().decode((await first)?.value), "\n")
      await reader?.cancel()
      const options = { fetch: cutting(log, []), lastEventId: "another.1" }
      const error = await rejection(forEach(openLogStream(url, options), () => {}))
      ok(error instanceof Error && "code" in error, "It is an error with a code")
      same(error.code, "LOG_REPLACED")
    },
    "NDJSON of a log is what went in": async () => {
      const texts = Array.from({ length: 1000 }, (_, n) => `{"n":${n}}`)
      const response = await createLogHandler(await logOf(texts))(new Request(url))
      ok(response.body !== null, "There is a body")
      equal(await collectText(response.body), `${texts.join("\n")}\n`)
    },
  },
}

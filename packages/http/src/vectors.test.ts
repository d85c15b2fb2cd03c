import { readFile } from "node:fs/promises"
import { SseDecoder, type SseEvent } from "@bellmouth/framing"
import { createMemoryLog, type Log, toOffset } from "@bellmouth/log"
import { expect, test } from "vitest"
import { createLogHandler, type ReadableLog } from "./log-handler.ts"
import { decodeResumeId, encodeResumeId } from "./resume-id.ts"

const folder = new URL("../../../test/vectors/http/", import.meta.url)

async function vectors<T>(name: string): Promise<T> {
  return JSON.parse(await readFile(new URL(name, folder), "utf8"))
}

/** A log of these records under a known id. */
async function logOf(id: string, records: readonly Uint8Array[]): Promise<ReadableLog> {
  const log: Log = createMemoryLog()
  const writer = log.writable().getWriter()
  for (const record of records) await writer.write(record)
  await writer.close()
  return {
    id,
    start: () => log.start(),
    tail: () => log.tail(),
    sealed: () => log.sealed(),
    replayBatches: (options) => log.replayBatches(options),
  }
}

interface ResumeIds {
  readonly valid: readonly { readonly log: string; readonly offset: number; readonly id: string }[]
  readonly invalid: readonly string[]
}

test("every resume id of the vectors is written and read, every other text is refused", async () => {
  const { valid, invalid } = await vectors<ResumeIds>("resume-ids.json")
  for (const { log, offset, id } of valid) {
    expect(encodeResumeId({ log, offset: toOffset(offset) })).toBe(id)
    expect(decodeResumeId(id)).toEqual({ log, offset })
  }
  for (const text of invalid) expect(() => decodeResumeId(text), text).toThrow(/^Cannot resume/)
  expect([valid.length, invalid.length]).toEqual([8, 18])
})

interface Requests {
  readonly log: string
  readonly records: readonly string[]
  readonly requests: readonly {
    readonly query: string
    readonly method?: string
    readonly accept?: string
    readonly lastEventId?: string
    readonly status: number
    readonly code?: string
    readonly type?: string
    readonly next?: string
    readonly body?: string
  }[]
}

test("every request of the vectors is answered as they say", async () => {
  const { log, records, requests } = await vectors<Requests>("requests.json")
  const encoder = new TextEncoder()
  const handle = createLogHandler(
    await logOf(
      log,
      records.map((each) => encoder.encode(each)),
    ),
  )
  for (const { query, method = "GET", accept, lastEventId, ...answer } of requests) {
    const headers = new Headers()
    if (accept !== undefined) headers.set("accept", accept)
    if (lastEventId !== undefined) headers.set("last-event-id", lastEventId)
    const response = await handle(new Request(`http://localhost/${query}`, { method, headers }))
    const text = await response.text()
    const got = {
      status: response.status,
      ...(answer.code === undefined ? {} : { code: JSON.parse(text).code }),
      ...(answer.type === undefined ? {} : { type: response.headers.get("content-type") }),
      ...(answer.next === undefined ? {} : { next: response.headers.get("stream-next-offset") }),
      ...(answer.body === undefined ? {} : { body: text }),
    }
    expect(got, `${method} ${query} ${accept} ${lastEventId}`).toEqual(answer)
  }
  expect(requests.length).toBe(39)
})

interface Bodies {
  readonly log: string
  readonly records: readonly {
    readonly hex: string
    readonly ndjson?: string
    readonly event: string
  }[]
}

test("every record of the vectors is written as they say, and comes back as it was", async () => {
  const { log, records } = await vectors<Bodies>("bodies.json")
  for (const { hex, ndjson, event } of records) {
    const record = Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16))
    const handle = createLogHandler(await logOf(log, [record]))
    const lines = await (await handle(new Request("http://localhost/"))).text()
    if (ndjson === "NOT_JSON") expect(JSON.parse(lines).code).toBe("NOT_JSON")
    else if (ndjson !== undefined) expect(lines, hex).toBe(ndjson.replace(/^\uFEFF/, ""))

    const headers = { accept: "text/event-stream" }
    const response = await handle(new Request("http://localhost/?follow=false", { headers }))
    const bytes = new Uint8Array(await response.arrayBuffer())
    expect(new TextDecoder().decode(bytes), hex).toBe(`retry: 1000\nid: L.0\n\n${event}`)
    const events: SseEvent[] = []
    new SseDecoder().push(bytes, (each) => events.push(each))
    const [{ type, data, lastEventId } = { type: "", data: "", lastEventId: "" }] = events
    const back = type === "base64" ? Buffer.from(data, "base64") : Buffer.from(data)
    expect([back.toString("hex"), lastEventId, events.length]).toEqual([hex, "L.1", 1])
  }
  expect(records.length).toBe(13)
})

import { SseDecoder, type SseEvent } from "@bellmouth/framing"
import { createMemoryLog, type RecordBatch } from "@bellmouth/log"
import fc from "fast-check"
import { expect, test } from "vitest"
import { SseRecordEncoder } from "./sse-record-encoder.ts"

/** The HTML standard's parsing rules, word by word: slow, obvious, and none of the project's own. */
function parseSlowly(bytes: Uint8Array): SseEvent[] {
  const events: SseEvent[] = []
  let [data, type, id, lastEventId] = ["", "", "", ""]
  const lines = new TextDecoder("utf-8").decode(bytes).split(/\r\n|\r|\n/)
  lines.pop()
  for (const line of lines) {
    if (line === "") {
      lastEventId = id
      if (data !== "")
        events.push({ type: type || "message", data: data.slice(0, -1), lastEventId })
      ;[data, type] = ["", ""]
      continue
    }
    const colon = line.indexOf(":")
    const field = colon === -1 ? line : line.slice(0, colon)
    const value = colon === -1 ? "" : line.slice(colon + 1).replace(/^ /, "")
    if (field === "data") data += `${value}\n`
    if (field === "event") type = value
    if (field === "id" && !value.includes("\0")) id = value
  }
  return events
}

function parse(bytes: Uint8Array, maxEventBytes = 1_048_576): SseEvent[] {
  const events: SseEvent[] = []
  new SseDecoder({ maxEventBytes }).push(bytes, (event) => events.push(event))
  return events
}

function recordOf({ type, data }: SseEvent): Uint8Array {
  return new Uint8Array(type === "base64" ? Buffer.from(data, "base64") : Buffer.from(data))
}

async function batchesOf(records: readonly Uint8Array[]): Promise<RecordBatch[]> {
  const log = createMemoryLog()
  const writer = log.writable().getWriter()
  for (const record of records) await writer.write(record)
  await writer.close()
  return Array.fromAsync(log.replayBatches())
}

const pieces = [
  "\r",
  "\n",
  "\r\n",
  "\0",
  "\uFEFF",
  ":",
  " ",
  "\u2028",
  "event: x",
  "id: 9",
  "data",
  "retry:1",
]
const hostile = fc.oneof(
  fc
    .array(fc.constantFrom(...pieces), { maxLength: 8 })
    .map((parts) => Buffer.from(parts.join(""))),
  fc.string({ unit: "binary", maxLength: 12 }).map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 12 }),
)

test("no record can forge an event or lose a byte, by two parsers that share nothing", async () => {
  const encoder = new SseRecordEncoder("log", 1000)
  let records = 0
  let binary = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(hostile, { minLength: 1, maxLength: 40, size: "max" }),
      async (input) => {
        const expected = input.map((record) => new Uint8Array(record))
        const ids = input.map((_, index) => `log.${index + 1}`)
        const wire = Buffer.concat(
          (await batchesOf(expected)).map((batch) => encoder.encode(batch)),
        )
        for (const events of [parse(wire), parseSlowly(wire)]) {
          expect(events.map((event) => event.lastEventId)).toEqual(ids)
          expect(events.map(recordOf)).toEqual(expected)
          expect(events.every(({ type }) => type === "message" || type === "base64")).toBe(true)
          binary += events.filter(({ type }) => type === "base64").length
        }
        records += input.length
      },
    ),
    { numRuns: 1000 },
  )
  expect(records).toBeGreaterThan(10_000)
  expect(binary).toBeGreaterThan(1_000)
})

test("a batch is one chunk", async () => {
  const [batch] = await batchesOf([Buffer.from("a"), Buffer.from("b")])
  const encoder = new SseRecordEncoder("log", 1000)
  const wire = batch === undefined ? undefined : encoder.encode(batch)
  expect(new TextDecoder().decode(wire)).toBe("id: log.1\ndata: a\n\nid: log.2\ndata: b\n\n")
})

test.each([
  ["one line", 16_777_210, "x", "message"],
  ["one line", 16_777_211, "x", "base64"],
  ["nothing but line feeds", 2_396_744, "\n", "message"],
  ["nothing but line feeds", 2_396_745, "\n", "base64"],
])("a record of %s, %i bytes of it, is within a reader's limit", async (_, length, text, type) => {
  const record = new Uint8Array(length).fill(text.charCodeAt(0))
  for (const beside of [[], [Buffer.from("\n")]]) {
    const encoder = new SseRecordEncoder("log", 1000)
    const [batch] = await batchesOf([record, ...beside])
    if (batch === undefined) expect.fail("the log gave no batch")
    const [event] = parse(encoder.encode(batch), 25_165_824)
    expect(event?.type).toBe(type)
    if (event !== undefined) expect(Buffer.compare(recordOf(event), record)).toBe(0)
  }
})

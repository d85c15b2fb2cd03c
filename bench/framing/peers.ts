import { createRequire } from "node:module"
import { Readable } from "node:stream"
import { encodeSseText } from "@bellmouth/framing"
import { type Job, measure } from "../harness/measure.ts"
import type { Row } from "../harness/row.ts"
import { type Corpus, corpus, foreign, passesOf } from "./corpus.ts"
import { byForAwait } from "./ndjson-decode.ts"

type Loaded = (...args: unknown[]) => unknown

const load = createRequire(import.meta.url)

/** The chunks so many times over, as Node's libraries take them. */
function* buffers({ chunks }: Corpus, passes: number): Generator<Buffer> {
  for (let pass = 0; pass < passes; pass++)
    for (const chunk of chunks) yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
}

async function count(values: AsyncIterable<unknown>): Promise<number> {
  let seen = 0
  for await (const _ of values) seen++
  return seen
}

function piped(data: Corpus, create: () => NodeJS.ReadWriteStream): Job {
  return async (passes) => {
    const stream = Readable.from(buffers(data, passes)).pipe(create())
    return passesOf(await count(stream as AsyncIterable<unknown>), data.lines.length)
  }
}

async function decoders(data: Corpus): Promise<Record<string, Job>> {
  const split2 = load("split2") as (parse: (line: string) => unknown) => NodeJS.ReadWriteStream
  const ndjson = load("ndjson") as { parse(): NodeJS.ReadWriteStream }
  const parseWhole = load("ndjson-parse") as (text: string) => unknown[]
  const canNdjson = load("can-ndjson-stream") as (body: unknown) => ReadableStream<unknown>
  const { parse: itNdjson } = (await import("it-ndjson")) as unknown as {
    parse(source: Iterable<Uint8Array>): AsyncIterable<unknown>
  }
  const { default: fetchNdjson } = load("fetch-ndjson") as { default: Loaded }
  const jsonl = (await import("stream-json/jsonl/parser.js")) as unknown as {
    default: { asStream(): NodeJS.ReadWriteStream }
  }
  const bytes = Buffer.concat([...buffers(data, 1)])
  const native = (passes: number): ReadableStream<Uint8Array> => foreign(data.chunks, passes)
  return {
    split2: piped(data, () => split2(JSON.parse)),
    ndjson: piped(data, () => ndjson.parse()),
    "it-ndjson": async (passes) =>
      passesOf(await count(itNdjson(buffers(data, passes))), data.lines.length),
    "stream-json": piped(data, () => jsonl.default.asStream()),
    "can-ndjson-stream": async (passes) =>
      passesOf(await count(canNdjson(native(passes))), data.lines.length),
    "fetch-ndjson": async (passes) =>
      passesOf(
        await count(fetchNdjson(native(passes).getReader()) as AsyncIterable<unknown>),
        data.lines.length,
      ),
    "ndjson-parse": async (passes) => {
      let seen = 0
      for (let pass = 0; pass < passes; pass++)
        seen += parseWhole(new TextDecoder().decode(bytes)).length
      return passesOf(seen, data.lines.length)
    },
  }
}

async function sseEncoders(): Promise<[Job, Record<string, Job>]> {
  const data = '{"id":"completion-123","choices":[{"index":0,"delta":{"content":" token"}}]}'
  const events = Array.from({ length: 100 }, (_, index) => ({
    data,
    event: "push",
    id: `${index}`,
  }))
  const { createEventBuffer } = (await import("better-sse")) as unknown as {
    createEventBuffer(options: { serializer: (data: unknown) => string }): {
      push(data: unknown, event: string, id: string): void
      read(): string
    }
  }
  const each = events.map(encodeSseText).join("").length
  const encoder = (encode: () => string): Job => {
    return async (passes) => {
      let seen = 0
      for (let pass = 0; pass < passes; pass++) seen += encode().length > 0 ? 1 : 0
      return seen
    }
  }
  const ours = encoder(() => {
    let text = ""
    for (const event of events) text += encodeSseText(event)
    if (text.length !== each) throw new Error("Cannot measure: an event is missing")
    return text
  })
  const serializer = (value: unknown): string => value as string
  return [
    ours,
    {
      "better-sse": encoder(() => {
        const buffer = createEventBuffer({ serializer })
        for (const event of events) buffer.push(event.data, event.event, event.id)
        return buffer.read()
      }),
      "lines, joined": encoder(() => {
        let text = ""
        for (const { event, id, data } of events) {
          const lines = data.split(/\r\n|\r|\n/).map((line) => `data: ${line}`)
          text += `${[`event: ${event}`, `id: ${id}`, ...lines].join("\n")}\n\n`
        }
        return text
      }),
    },
  ]
}

/** One row for each peer: how many times ours is as fast. */
export async function* peerCases(): AsyncGenerator<Row> {
  const data = corpus({ recordBytes: 100, ascii: true })
  const peers = await decoders(data)
  const [ours = 0, ...times] = await measure([byForAwait(data), ...Object.values(peers)])
  for (const [index, name] of Object.keys(peers).entries())
    yield {
      name: `NDJSON decode, 100 B, for await: against ${name}`,
      value: (times[index] ?? 0) / ours,
      unit: "x",
      floor: 1,
    }
  const [encode, encoders] = await sseEncoders()
  const [our = 0, ...others] = await measure([encode, ...Object.values(encoders)])
  for (const [index, name] of Object.keys(encoders).entries())
    yield {
      name: `SSE encode, events of 100 B as text: against ${name}`,
      value: (others[index] ?? 0) / our,
      unit: "x",
      floor: 1,
    }
}

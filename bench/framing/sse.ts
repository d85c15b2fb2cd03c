import { pipe } from "@bellmouth/core"
import { encodeSse, SseArrayDecoderStream, SseDecoderStream } from "@bellmouth/framing"
import { EventSourceParserStream } from "eventsource-parser/stream"
import { type Job, measure } from "../harness/measure.ts"
import type { Row } from "../harness/row.ts"
import { cut, foreign, iterate, passesOf, readAll } from "./corpus.ts"
import { decodedAndSliced, prepared } from "./sse-limits.ts"

const one = (): number => 1
const EVENTS = 400

/** Events of 200 bytes, as a language model streams them. */
function events(): Uint8Array {
  const data = `{"id":"completion-123","object":"chunk","created":1694268190,"choices":[{"index":0,"delta":{"content":" token"},"finish_reason":null}],"model":"bell-mouth-1","usage":null,"x":"yyyyyyyyyy"}`
  return encodeSse(Array.from({ length: EVENTS }, () => ({ data })))
}

function ours(chunks: readonly Uint8Array[]): Job {
  return async (passes) => {
    const readable = foreign(chunks, passes).pipeThrough(new SseDecoderStream())
    return passesOf(await iterate(readable, one), EVENTS)
  }
}

/** Read by us, not piped by the platform into a writable. */
function oursByPipe(chunks: readonly Uint8Array[]): Job {
  return async (passes) => {
    const readable = pipe(foreign(chunks, passes), new SseDecoderStream())
    return passesOf(await iterate(readable, one), EVENTS)
  }
}

function ourArrays(chunks: readonly Uint8Array[]): Job {
  return async (passes) => {
    const readable = foreign(chunks, passes).pipeThrough(new SseArrayDecoderStream())
    return passesOf(await readAll(readable, (array) => array.length), EVENTS)
  }
}

function theirs(chunks: readonly Uint8Array[]): Job {
  return async (passes) => {
    const readable = foreign(chunks, passes)
      .pipeThrough(new TextDecoderStream() as unknown as TransformStream<Uint8Array, string>)
      .pipeThrough(new EventSourceParserStream())
    return passesOf(await readOneByOne(readable), EVENTS)
  }
}

/** Old browsers have no async iteration. */
function readOneByOne(readable: ReadableStream<unknown>): Promise<number> {
  return Symbol.asyncIterator in readable ? iterate(readable, one) : readAll(readable, one)
}

/** Decoding against the documented pipeline of the fastest parser that is kept. */
export async function* sseDecodeCases(): AsyncGenerator<Row> {
  const bytes = events()
  const deno = "Deno" in globalThis
  const against = "against TextDecoderStream + EventSourceParserStream"
  const sizes = [
    { name: "one event a chunk", size: bytes.length / EVENTS, floor: deno ? 1.4 : 1.7, aim: 3 },
    { name: "1,460 B chunks", size: 1460, floor: deno ? 1.2 : 1.6, aim: 2.5 },
    { name: "64 KiB chunks", size: 65_536, floor: deno ? 1.1 : 1.2, aim: 2 },
  ]
  for (const { name, size, floor, aim } of sizes) {
    const chunks = cut(bytes, size)
    const [our = 0, byPipe = 0, bare = 0, sliced = 0, their = 0] = await measure([
      ours(chunks),
      oursByPipe(chunks),
      prepared(chunks, EVENTS),
      decodedAndSliced(chunks, EVENTS),
      theirs(chunks),
    ])
    const row = (how: string, ns: number): Row => ({
      name: `SSE decode, ${name}${how}: ${against}`,
      value: their / ns,
      unit: "x",
    })
    yield { ...row("", our), floor, aim }
    yield row(", by pipe()", byPipe)
    yield row(", prepared events by a bare pair", bare)
    yield row(", decoded and sliced in a bare pair", sliced)
  }
  const chunks = cut(bytes, 65_536)
  const [our = 0, their = 0] = await measure([ourArrays(chunks), theirs(chunks)])
  yield {
    name: `SSE decode, 64 KiB chunks, by arrays: ${against}`,
    value: their / our,
    unit: "x",
    floor: deno ? 1.8 : 2.2,
    aim: 3,
  }
}

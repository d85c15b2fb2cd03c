import { filter, map } from "@bellmouth/core"
import {
  encodeSseText,
  NdjsonDecoder,
  NdjsonDecoderStream,
  SseEncoderStream,
} from "@bellmouth/framing"
import { type Job, measure } from "../harness/measure.ts"
import type { Row } from "../harness/row.ts"
import { type Corpus, corpus, foreign, passesOf, readAll } from "./corpus.ts"

interface Feed {
  readonly id: number
  readonly ok: boolean
  readonly text: string
}

interface FeedEvent {
  readonly id: string
  readonly data: string
  readonly ok: boolean
}

const length = (bytes: Uint8Array): number => bytes.length
const toEvent = ({ id, ok, text }: Feed): FeedEvent => ({
  id: String(id),
  data: text,
  ok,
})
const isOk = ({ ok }: { ok: boolean }): boolean => ok

function expectedBytes({ records }: Corpus): number {
  const events = (records as readonly Feed[]).map(toEvent).filter(isOk)
  return new TextEncoder().encode(events.map(encodeSseText).join("")).length
}

function ours(data: Corpus): Job {
  const each = expectedBytes(data)
  return async (passes) => {
    const readable = foreign(data.chunks, passes)
      .pipeThrough(new NdjsonDecoderStream<Feed>())
      .pipeThrough(map(toEvent))
      .pipeThrough(filter<FeedEvent>(isOk))
      .pipeThrough(new SseEncoderStream())
    return passesOf(await readAll(readable, length), each)
  }
}

/** What no chain of streams can beat: the same work by plain calls, without a stream. */
function byHand(data: Corpus): Job {
  const each = expectedBytes(data)
  const utf8 = new TextEncoder()
  return async (passes) => {
    let seen = 0
    let text = ""
    const decoder = new NdjsonDecoder<Feed>()
    const emit = (record: Feed): void => {
      const event = toEvent(record)
      if (isOk(event)) text += encodeSseText(event)
    }
    for (let pass = 0; pass < passes; pass++)
      for (const chunk of data.chunks) {
        decoder.push(chunk, emit)
        seen += length(utf8.encode(text))
        text = ""
      }
    decoder.finish(emit)
    return passesOf(seen, each)
  }
}

function native(data: Corpus): Job {
  const each = expectedBytes(data)
  const utf8 = new TextEncoder()
  return async (passes) => {
    let held = ""
    const readable = foreign(data.chunks, passes)
      .pipeThrough(new TextDecoderStream() as unknown as TransformStream<Uint8Array, string>)
      .pipeThrough(
        new TransformStream<string, Feed>({
          transform(text, controller) {
            const lines = (held + text).split("\n")
            held = lines.pop() ?? ""
            for (const line of lines) controller.enqueue(JSON.parse(line) as Feed)
          },
        }),
      )
      .pipeThrough(
        new TransformStream<Feed, FeedEvent>({
          transform: (record, controller) => controller.enqueue(toEvent(record)),
        }),
      )
      .pipeThrough(
        new TransformStream<FeedEvent, FeedEvent>({
          transform(event, controller) {
            if (isOk(event)) controller.enqueue(event)
          },
        }),
      )
      .pipeThrough(
        new TransformStream<FeedEvent, Uint8Array>({
          transform: (event, controller) =>
            controller.enqueue(utf8.encode(`id: ${event.id}\ndata: ${event.data}\n\n`)),
        }),
      )
    return passesOf(await readAll(readable, length), each)
  }
}

/** From bytes to bytes through four stages. */
export async function* chainCases(): AsyncGenerator<Row> {
  const data = corpus({ recordBytes: 100, ascii: true })
  const [our = 0, hand = 0, their = 0] = await measure([ours(data), byHand(data), native(data)])
  const against = "bytes to bytes: against native TransformStreams"
  yield {
    name: `NDJSON, map, filter, SSE, ${against}`,
    value: their / our,
    unit: "x",
    floor: 5,
    aim: 10,
  }
  yield {
    name: `NDJSON, map, filter, SSE by plain calls, ${against}`,
    value: their / hand,
    unit: "x",
  }
}

import { forEach } from "@bellmouth/core"
import { NdjsonArrayDecoderStream, NdjsonDecoder, NdjsonDecoderStream } from "@bellmouth/framing"
import { type Job, measure } from "../harness/measure.ts"
import type { Row } from "../harness/row.ts"
import {
  type Corpus,
  corpus,
  foreign,
  iterate,
  listCorpus,
  passesOf,
  readAll,
  wholeLines,
} from "./corpus.ts"

const one = (): number => 1

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true })

/** What no decoder can beat: `JSON.parse` on lines that were prepared. */
function parseAlone({ lines }: Corpus): Job {
  return async (passes) => {
    let seen = 0
    for (let pass = 0; pass < passes; pass++)
      for (const line of lines) if (JSON.parse(line) !== null) seen++
    return passesOf(seen, lines.length)
  }
}

/** One decode a piece, one cut and one parse a line. */
function eachLineOf(piece: Uint8Array): unknown[] {
  const records: unknown[] = []
  const text = utf8.decode(piece)
  for (let at = 0, lf = text.indexOf("\n"); lf !== -1; lf = text.indexOf("\n", at)) {
    records.push(JSON.parse(text.slice(at, lf)))
    at = lf + 1
  }
  return records
}

/** The same as a stream of the platform: what no array view that parses line by line can beat. */
function decodeCutParseStream({ lines, chunks }: Corpus): Job {
  const pieces = wholeLines(chunks)
  return async (passes) => {
    const readable = foreign(pieces, passes).pipeThrough(
      new TransformStream<Uint8Array, unknown[]>({
        transform: (piece, controller) => controller.enqueue(eachLineOf(piece)),
      }),
    )
    return passesOf(await readAll(readable, (records) => records.length), lines.length)
  }
}

/** What no decoder can beat that is read by `for await`: one settled promise a record, and its parse. */
function parseForAwait({ lines }: Corpus): Job {
  return async (passes) => {
    let left = passes * lines.length
    const next = (): IteratorResult<unknown> =>
      left-- > 0
        ? { value: JSON.parse(lines[left % lines.length] ?? ""), done: false }
        : { value: undefined, done: true }
    return passesOf(await iterate(settled(next), one), lines.length)
  }
}

/** The same from bytes, when all records of a piece are made at once. */
function decodeForAwait({ lines, chunks }: Corpus, toRecords: ToRecords): Job {
  const pieces = wholeLines(chunks)
  return async (passes) => {
    let left = passes * pieces.length
    let records: readonly unknown[] = []
    let at = 0
    const next = (): IteratorResult<unknown> => {
      if (at === records.length) {
        const piece = left-- > 0 ? pieces[left % pieces.length] : undefined
        if (piece === undefined) return { value: undefined, done: true }
        records = toRecords(piece)
        at = 0
      }
      return { value: records[at++], done: false }
    }
    return passesOf(await iterate(settled(next), one), lines.length)
  }
}

function settled(next: () => IteratorResult<unknown>): AsyncIterable<unknown> {
  const iterator = { next: () => Promise.resolve(next()) }
  return { [Symbol.asyncIterator]: () => iterator }
}

type ToRecords = (piece: Uint8Array) => readonly unknown[]

interface NativeParser {
  parseChunk(input: Uint8Array | string): { readonly values: readonly unknown[] }
}

/** What no decoder on Bun can beat: its own parser, and a count of the lines, without which it is unsafe. */
function nativeRecords(ascii: boolean, { parseChunk }: NativeParser): ToRecords {
  return (piece) => {
    let left = 0
    for (let lf = piece.indexOf(10); lf !== -1; lf = piece.indexOf(10, lf + 1)) left++
    const { values } = parseChunk(ascii ? piece : utf8.decode(piece))
    return values.length === left ? values : []
  }
}

/** Makes the records of each piece, and nothing else. */
function pieceByPiece({ lines, chunks }: Corpus, toRecords: ToRecords): Job {
  const pieces = wholeLines(chunks)
  return async (passes) => {
    let seen = 0
    for (let pass = 0; pass < passes; pass++)
      for (const piece of pieces) seen += toRecords(piece).length
    return passesOf(seen, lines.length)
  }
}

function core({ lines, chunks }: Corpus): Job {
  return async (passes) => {
    let seen = 0
    const emit = (): void => {
      seen++
    }
    const decoder = new NdjsonDecoder()
    for (let pass = 0; pass < passes; pass++) for (const chunk of chunks) decoder.push(chunk, emit)
    decoder.finish(emit)
    return passesOf(seen, lines.length)
  }
}

function arrays({ lines, chunks }: Corpus): Job {
  return async (passes) => {
    const readable = foreign(chunks, passes).pipeThrough(new NdjsonArrayDecoderStream())
    return passesOf(await readAll(readable, (records) => records.length), lines.length)
  }
}

function byForEach({ lines, chunks }: Corpus): Job {
  return async (passes) => {
    let seen = 0
    await forEach(foreign(chunks, passes).pipeThrough(new NdjsonDecoderStream()), () => {
      seen++
    })
    return passesOf(seen, lines.length)
  }
}

/** Record by record, as most code reads. */
export function byForAwait({ lines, chunks }: Corpus): Job {
  return async (passes) => {
    const readable = foreign(chunks, passes).pipeThrough(new NdjsonDecoderStream())
    return passesOf(await iterate(readable, one), lines.length)
  }
}

function textSplitParse({ lines, chunks }: Corpus): Job {
  return async (passes) => {
    let held = ""
    const readable = foreign(chunks, passes)
      .pipeThrough(new TextDecoderStream() as unknown as TransformStream<Uint8Array, string>)
      .pipeThrough(
        new TransformStream<string, string>({
          transform(text, controller) {
            const parts = (held + text).split("\n")
            held = parts.pop() ?? ""
            for (const part of parts) controller.enqueue(part)
          },
        }),
      )
      .pipeThrough(
        new TransformStream<string, unknown>({
          transform: (line, controller) => controller.enqueue(JSON.parse(line)),
        }),
      )
    return passesOf(await readAll(readable, one), lines.length)
  }
}

/** The limits of this runtime that no decoder can pass, whatever it does. */
async function* limitCases(what: string, data: Corpus, ascii: boolean): AsyncGenerator<Row> {
  const { Bun } = globalThis as { Bun?: { readonly JSONL?: NativeParser } }
  const toRecords = Bun?.JSONL ? nativeRecords(ascii, Bun.JSONL) : eachLineOf
  const [limit = 0, awaited = 0, decoded = 0, records = 0] = await measure([
    parseAlone(data),
    parseForAwait(data),
    decodeForAwait(data, toRecords),
    pieceByPiece(data, toRecords),
  ])
  const row = (name: string, ns: number): Row => ({
    name: `${what}, ${name}: of JSON.parse alone`,
    value: limit / ns,
    unit: "x",
  })
  yield row("prepared lines, for await without a stream", awaited)
  const way = Bun?.JSONL ? "the runtime's own parser and a count of lines" : "decode, cut and parse"
  yield row(`${way}, for await without a stream`, decoded)
  if (Bun?.JSONL) yield row(way, records)
}

/** Decoding against the parser alone, for three sizes of records, ASCII and not. */
export async function* ndjsonDecodeCases(): AsyncGenerator<Row> {
  for (const ascii of [true, false])
    for (const recordBytes of [100, 1000, 20_000]) {
      const data = corpus({ recordBytes, ascii })
      const [limit = 0, text = 0, stream = 0, bare = 0, array = 0, each = 0, awaited = 0] =
        await measure([
          parseAlone(data),
          pieceByPiece(data, eachLineOf),
          decodeCutParseStream(data),
          core(data),
          arrays(data),
          byForEach(data),
          byForAwait(data),
        ])
      const what = `NDJSON decode, ${recordBytes} B${ascii ? "" : " not ASCII"}`
      const row = (name: string, ns: number, floor?: number, aim?: number): Row => ({
        name: `${what}, ${name}: of JSON.parse alone`,
        value: limit / ns,
        unit: "x",
        ...(floor !== undefined && { floor }),
        ...(aim !== undefined && { aim }),
      })
      yield row("decode, cut and parse without a decoder", text)
      yield row("the same in a TransformStream, arrays", stream)
      yield* limitCases(what, data, ascii)
      yield row("core", bare)
      yield row("array view", array, ascii ? 0.82 : 0.58, ascii ? 0.95 : 0.85)
      yield row("forEach", each, ascii ? 0.78 : undefined, ascii ? 0.92 : undefined)
      yield row("for await", awaited, ascii ? 0.68 : undefined, ascii ? 0.8 : undefined)
    }
  const list = listCorpus()
  const [limit = 0, array = 0] = await measure([parseAlone(list), arrays(list)])
  yield {
    name: "NDJSON decode, lists of 300 objects, array view: of JSON.parse alone",
    value: limit / array,
    unit: "x",
  }
  const data = corpus({ recordBytes: 100, ascii: true })
  const [ours = 0, theirs = 0] = await measure([byForAwait(data), textSplitParse(data)])
  yield {
    name: "NDJSON decode, 100 B, for await: against TextDecoderStream + split + parse",
    value: theirs / ours,
    unit: "x",
    floor: 3,
  }
}

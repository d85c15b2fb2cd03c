import { concatBytes } from "@bellmouth/core"
import {
  ByteLineDecoder,
  encodeNdjsonText,
  encodeSse,
  FrameDecoder,
  type FramingError,
  type IncrementalDecoder,
  JsonDecoder,
  JsonElementDecoder,
  JsonSequenceDecoder,
  LineDecoder,
  NdjsonDecoder,
  SseDecoder,
  type SseEvent,
} from "@bellmouth/framing"
import { cuts, hex, inputBytes } from "../../packages/framing/testing/cuts.ts"
import byteLines from "../vectors/framing/byte-lines-decode.json" with { type: "json" }
import frames from "../vectors/framing/frames-decode.json" with { type: "json" }
import json from "../vectors/framing/json-decode.json" with { type: "json" }
import jsonElements from "../vectors/framing/json-elements-decode.json" with { type: "json" }
import jsonSequence from "../vectors/framing/json-sequence-decode.json" with { type: "json" }
import lines from "../vectors/framing/lines-decode.json" with { type: "json" }
import ndjson from "../vectors/framing/ndjson-decode.json" with { type: "json" }
import ndjsonEncode from "../vectors/framing/ndjson-encode.json" with { type: "json" }
import sse from "../vectors/framing/sse-decode.json" with { type: "json" }
import sseEncode from "../vectors/framing/sse-encode.json" with { type: "json" }
import { equal, ok, thrown } from "./assert.ts"
import { fieldsOf, type Outcome, outcomeOf, vectorsOf } from "./framing-run.ts"
import type { PortableSuite, PortableTest } from "./suite.ts"

type Fields = Readonly<Record<string, unknown>>

/** What the files of vectors have in common. */
interface Vector {
  readonly id: string
  readonly input?: string
  readonly inputHex?: string
  readonly options?: Fields
  readonly values?: readonly unknown[]
  readonly events?: readonly unknown[]
  readonly error?: Fields
  readonly reports?: readonly Fields[]
  readonly retries?: readonly number[]
  readonly comments?: readonly string[]
  readonly lastEventId?: string
}

interface EncodeVector {
  readonly id: string
  readonly value: unknown
  readonly line: string
}

interface SseEncodeVector {
  readonly id: string
  readonly event: object
  readonly text?: string
  readonly refused?: boolean
}

type Create<T> = (options: object) => IncrementalDecoder<T>
type Tests = Record<string, PortableTest>

/** The vector's own fields of an error: it need not give all. */
function sameFields(actual: Fields | undefined, wanted: Fields | undefined, cut: string): void {
  const keys = Object.keys(wanted ?? {})
  const picked = actual && Object.fromEntries(keys.map((key) => [key, actual[key]]))
  equal(picked, wanted, `error ${cut}`)
}

function sameOutcome(actual: Outcome, values: unknown, vector: Vector, cut: string): void {
  equal(actual.values, values, `list of values ${cut}`)
  sameFields(actual.error, vector.error, cut)
}

function decodeTests<T>(
  name: string,
  file: { readonly vectors: readonly object[] },
  create: Create<T>,
  show: (value: T) => unknown = (value) => value,
): Tests {
  const tests = vectorsOf<Vector>(file).map((vector): [string, PortableTest] => [
    `${name} gives the same for every cut of vector ${vector.id}`,
    () => {
      for (const [cut, chunks] of cuts(inputBytes(vector))) {
        const reports: Fields[] = []
        const onError = (error: FramingError): void => {
          reports.push(fieldsOf(error))
        }
        const decoder = create({ ...vector.options, ...(vector.reports && { onError }) })
        sameOutcome(outcomeOf(decoder, chunks, show), vector.values, vector, cut)
        equal(reports.length, vector.reports?.length ?? 0, `number of reports ${cut}`)
        for (const [at, wanted] of (vector.reports ?? []).entries()) {
          sameFields(reports[at], wanted, cut)
        }
      }
    },
  ])
  return Object.fromEntries(tests)
}

function sseTests(): Tests {
  const tests = vectorsOf<Vector>(sse).map((vector): [string, PortableTest] => [
    `SseDecoder gives the same for every cut of vector ${vector.id}`,
    () => {
      const { comments: asked, ...options } = vector.options ?? {}
      const show = ({ type, data, lastEventId }: SseEvent) => [type, data, lastEventId]
      for (const [cut, chunks] of cuts(inputBytes(vector))) {
        const comments: string[] = []
        const retries: number[] = []
        const onComment = (comment: string) => comments.push(comment)
        const decoder = new SseDecoder({
          ...options,
          onRetry: (milliseconds) => retries.push(milliseconds),
          ...((asked || vector.comments) && { onComment }),
        })
        sameOutcome(outcomeOf(decoder, chunks, show), vector.events, vector, cut)
        if (vector.retries) equal(retries, vector.retries, `list of retries ${cut}`)
        if (vector.comments) equal(comments, vector.comments, `list of comments ${cut}`)
        if (vector.lastEventId !== undefined) {
          equal(decoder.lastEventId, vector.lastEventId, `last event id ${cut}`)
        }
      }
    },
  ])
  return Object.fromEntries(tests)
}

/** As many lines as an engine parses at once by another parser than that of one line. */
const manyLines: PortableTest = () => {
  const count = 600
  const good = new TextEncoder().encode('{"n":1}\n'.repeat(count))
  const shifted = ({ record, line, byteOffset, ...rest }: Fields): Fields => ({
    ...rest,
    record: Number(record) + count,
    line: Number(line) + count,
    byteOffset: Number(byteOffset) + good.length,
  })
  let run = 0
  for (const vector of vectorsOf<Vector>(ndjson)) {
    const bytes = inputBytes(vector)
    // Neither a byte order mark nor a limit of a few bytes goes with lines before it.
    if (bytes[0] === 0xef || "maxLineBytes" in (vector.options ?? {})) continue
    const reports: Fields[] = []
    const onError = (error: FramingError): void => {
      reports.push(fieldsOf(error))
    }
    const options = { ...vector.options, ...(vector.reports && { onError }) }
    const { values, error } = outcomeOf(
      new NdjsonDecoder(options),
      [concatBytes([good, bytes])],
      (value) => value,
    )
    equal(values.slice(count), vector.values, `list of values of ${vector.id}`)
    sameFields(error, vector.error && shifted(vector.error), `of ${vector.id}`)
    equal(reports.length, vector.reports?.length ?? 0, `number of reports of ${vector.id}`)
    for (const [at, wanted] of (vector.reports ?? []).entries())
      sameFields(reports[at], shifted(wanted), `of ${vector.id}`)
    run++
  }
  ok(run > 50, `There were only ${run} vectors`)
}

export const suite: PortableSuite = {
  name: "framing: vectors",
  tests: {
    ...decodeTests("NdjsonDecoder", ndjson, (options) => new NdjsonDecoder(options)),
    "NdjsonDecoder gives the same for every vector behind many lines": manyLines,
    ...decodeTests("LineDecoder", lines, (options) => new LineDecoder(options)),
    ...decodeTests("ByteLineDecoder", byteLines, (options) => new ByteLineDecoder(options), hex),
    ...decodeTests("FrameDecoder", frames, (options) => new FrameDecoder(options), hex),
    ...decodeTests("JsonDecoder", json, (options) => new JsonDecoder(options)),
    ...decodeTests("JsonElementDecoder", jsonElements, (each) => new JsonElementDecoder(each)),
    ...decodeTests("JsonSequenceDecoder", jsonSequence, (each) => new JsonSequenceDecoder(each)),
    ...sseTests(),
    "encodeNdjsonText writes every vector": () => {
      for (const { id, value, line } of vectorsOf<EncodeVector>(ndjsonEncode)) {
        equal(encodeNdjsonText(value), line, `line of ${id}`)
      }
      ok(ndjsonEncode.vectors.length > 5, "There are too few vectors")
    },
    "encodeSse writes every vector, or refuses it": () => {
      let refusals = 0
      for (const { id, event, text, refused } of vectorsOf<SseEncodeVector>(sseEncode)) {
        if (refused) {
          refusals++
          ok(thrown(() => encodeSse([event])) instanceof TypeError, `${id} is not a TypeError`)
        } else
          equal(
            new TextDecoder("utf-8", { ignoreBOM: true }).decode(encodeSse([event])),
            text,
            `text of ${id}`,
          )
      }
      ok(refusals > 3, "There are too few refusals")
    },
  },
}

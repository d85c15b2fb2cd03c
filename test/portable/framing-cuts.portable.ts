import { concatBytes } from "@bellmouth/core"
import {
  ByteLineDecoder,
  FrameDecoder,
  FramingError,
  type IncrementalDecoder,
  JsonDecoder,
  JsonElementDecoder,
  JsonSequenceDecoder,
  LineDecoder,
  NdjsonDecoder,
  NdjsonDecoderStream,
  SseDecoder,
} from "@bellmouth/framing"
import { hex } from "../../packages/framing/testing/cuts.ts"
import { equal, ok, same } from "./assert.ts"
import { numbers, outcomeOf } from "./framing-run.ts"
import type { PortableSuite, PortableTest } from "./suite.ts"

const RUNS = 300
const encoder = new TextEncoder()

/** What hostile bytes are made of. */
const PARTS: readonly Uint8Array[] = [
  ...["\n", "\r", "\r\n", "{", "}", "[", "]", ",", ":", '"', "\\", " ", "1", "null", '{"a":1}\n'],
  ...[
    "data: x\n\n",
    "data",
    "id: 7\n",
    "event:",
    "retry: 5\r",
    "\x1e",
    "\x1e[1]\n",
    "é",
    "値",
    "😀",
  ],
  ...["\ufeff", "\ufffd", "\u2028", "\0", "\0\0\0\x01", "\x01"],
].map((text) => encoder.encode(text))
for (const bytes of [
  [0xff],
  [0xc3],
  [0xe2, 0x82],
  [0xed, 0xa0],
  [0xf0, 0x9f],
  [0xef, 0xbb],
  [0xf4],
]) {
  ;(PARTS as Uint8Array[]).push(Uint8Array.from(bytes))
}

function hostile(next: (below: number) => number): Uint8Array {
  const bytes: number[] = []
  for (let left = next(24); left > 0; left--) bytes.push(...(PARTS[next(PARTS.length)] ?? []))
  return Uint8Array.from(bytes)
}

function randomCut(bytes: Uint8Array, next: (below: number) => number): Uint8Array[] {
  const chunks: Uint8Array[] = []
  for (let at = 0; at < bytes.length; ) {
    const end = at + next(9)
    chunks.push(bytes.slice(at, end))
    at = end
  }
  return chunks
}

function anyCut<T>(create: () => IncrementalDecoder<T>, show: (value: T) => unknown): PortableTest {
  return () => {
    const next = numbers(0x5eed)
    let values = 0
    let errors = 0
    for (let run = 0; run < RUNS; run++) {
      const bytes = hostile(next)
      const whole = outcomeOf(create(), [bytes], show)
      const single = Array.from(bytes, (byte) => Uint8Array.of(byte))
      for (const chunks of [single, randomCut(bytes, next), randomCut(bytes, next)]) {
        equal(outcomeOf(create(), chunks, show), whole, `outcome of ${hex(bytes)}`)
      }
      values += whole.values.length
      if (whole.error !== undefined) errors++
    }
    ok(values + errors > RUNS / 20, `There were only ${values} values and ${errors} errors`)
  }
}

/** The smallest objects that nest so deep, and arrays. */
const nested = (depth: number): string[] => [
  `${'{"":'.repeat(depth - 1)}{}${"}".repeat(depth - 1)}`,
  "[".repeat(depth) + "]".repeat(depth),
]

/** Engines that parse many lines at once do so in one of the two. */
const manyLines: PortableTest = () => {
  const next = numbers(0xbe11)
  const good = encoder.encode('{"n":1}\n'.repeat(50))
  const lines = ['{"a":[{}', "{}]}", "{},{}", "{}", '{"a":1', '"b":2}', '{"a":"', '{"}', "[1]", ""]
  lines.push("1 2", "-0", "1e400", '"\ufeffé\u2028😀"', '{"__proto__":1}', "1\r", "1\u00a0", " ")
  lines.push(...nested(128), ...nested(129), JSON.stringify("{[".repeat(400)), '{"a":\n1}')
  const ends = lines.map((line) => encoder.encode(`${line}\n`))
  let values = 0
  let errors = 0
  for (let run = 0; run < RUNS; run++) {
    const parts: Uint8Array[] = Array(12).fill(good)
    for (let left = 1 + next(2); left > 0; left--)
      parts.push(next(8) === 0 ? hostile(next) : (ends[next(ends.length)] ?? good))
    const whole = outcomeOf(new NdjsonDecoder(), [concatBytes(parts)], itself)
    equal(whole, outcomeOf(new NdjsonDecoder(), parts, itself), `outcome of run ${run}`)
    values += whole.values.length
    if (whole.error !== undefined) errors++
  }
  ok(values >= 600 * RUNS && errors > RUNS / 4, `There were ${values} values, ${errors} errors`)
  ok(errors < (RUNS * 3) / 4, `There were ${errors} errors`)
}

/** The parser of JSON lines that Bun has, where it is the one that decodes many of them. */
const nativeParser: PortableTest = () => {
  const { JSONL } =
    (globalThis as { Bun?: { JSONL?: { parseChunk: (input: unknown) => unknown } } }).Bun ?? {}
  if (JSONL === undefined) return
  const { parseChunk } = JSONL
  let calls = 0
  JSONL.parseChunk = (input) => {
    calls++
    return parseChunk(input)
  }
  const bytes = encoder.encode('{"n":1}\n'.repeat(600))
  const { values } = outcomeOf(new NdjsonDecoder(), [bytes], itself)
  JSONL.parseChunk = parseChunk
  same(values.length, 600)
  same(calls, 1)
}

const itself = (value: unknown): unknown => value

export const suite: PortableSuite = {
  name: "framing: any cut of any bytes",
  tests: {
    "NdjsonDecoder gives the same": anyCut(() => new NdjsonDecoder(), itself),
    "NdjsonDecoder gives the same for many lines at once and one by one": manyLines,
    "NdjsonDecoder asks the runtime's own parser of lines, where there is one": nativeParser,
    "A lenient NdjsonDecoder with small limits that skips gives the same": anyCut(
      () => new NdjsonDecoder({ fatal: false, maxLineBytes: 9, maxDepth: 2, onError: "skip" }),
      itself,
    ),
    "LineDecoder gives the same": anyCut(
      () => new LineDecoder({ maxLineBytes: 12, onError: "skip" }),
      itself,
    ),
    "ByteLineDecoder gives the same": anyCut(() => new ByteLineDecoder(), hex),
    "FrameDecoder gives the same": anyCut(() => new FrameDecoder({ prefix: "varint" }), hex),
    "JsonDecoder gives the same": anyCut(() => new JsonDecoder(), itself),
    "JsonElementDecoder gives the same": anyCut(() => new JsonElementDecoder(), itself),
    "JsonSequenceDecoder gives the same": anyCut(
      () => new JsonSequenceDecoder({ onError: "skip" }),
      itself,
    ),
    "SseDecoder gives the same": anyCut(() => new SseDecoder(), itself),
    "A stage gives the records before a bad one, then the error, and cancels": async () => {
      let isCancelled = false
      const source = new ReadableStream<Uint8Array>({
        start: (controller) => controller.enqueue(encoder.encode("1\n2\n3\nnope\n4\n")),
        cancel: () => {
          isCancelled = true
        },
      })
      const reader = source.pipeThrough(new NdjsonDecoderStream()).getReader()
      for (const value of [1, 2, 3]) equal(await reader.read(), { done: false, value })
      const [{ status, reason }] = (await Promise.allSettled([reader.read()])) as [
        PromiseRejectedResult,
      ]
      same(status, "rejected")
      ok(reason instanceof FramingError, "The error is not a FramingError")
      equal([reason.code, reason.line, reason.byteOffset], ["INVALID_JSON", 4, 6])
      ok(isCancelled, "The source was not cancelled")
    },
  },
}

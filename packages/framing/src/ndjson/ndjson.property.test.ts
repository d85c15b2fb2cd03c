import { createRequire } from "node:module"
import { concatBytes } from "@bellmouth/core"
import fc from "fast-check"
import { expect, test } from "vitest"
import { runDecoder } from "../../testing/cuts.ts"
import { cutAt, hostileBytes, hostileString } from "../../testing/hostile.ts"
import { ndjsonTwin, type Outcome } from "../../testing/ndjson-twin.ts"
import { FramingError } from "../framing-error.ts"
import { encodeNdjson } from "./encode-ndjson.ts"
import { NdjsonDecoder, type NdjsonDecoderOptions } from "./ndjson-decoder.ts"

const parseWhole = createRequire(import.meta.url)("ndjson-parse") as (text: string) => unknown[]

const encoder = new TextEncoder()

const pieces = [
  ...'\n\n\n\r \t{}[]":,1eé€😀\ufeff\u2028\\',
  '{"a":1}',
  '"x"',
  "null",
  "-0",
  '{"__proto__":[1]}',
  "[[[1]]]",
  '"]"',
  "1234567890",
  '"é€😀"\n',
  "1\n",
]

const options: fc.Arbitrary<NdjsonDecoderOptions> = fc.record({
  maxLineBytes: fc.constantFrom(3, 5, 8, 64, undefined),
  maxDepth: fc.constantFrom(1, 2, 3, undefined),
  blankLines: fc.constantFrom("skip", "error"),
  requireFinalNewline: fc.boolean(),
  fatal: fc.boolean(),
  onError: fc.constantFrom("throw", "skip"),
})

function outcome(chunks: Uint8Array[], options: NdjsonDecoderOptions): Outcome {
  const reports: Record<string, unknown>[] = []
  const onError = (error: FramingError): void => {
    reports.push(fields(error))
  }
  const own = options.onError === "skip" ? { ...options, onError } : options
  const { values, error } = runDecoder(new NdjsonDecoder(own), chunks)
  if (error !== undefined && !(error instanceof FramingError)) throw error
  return { values, error: error && fields(error), reports }
}

function fields({ code, record, line, byteOffset }: FramingError): Record<string, unknown> {
  return { code: code === "TOO_DEEP" ? "INVALID_JSON" : code, record, line, byteOffset }
}

/** A line that does not parse may be refused for its depth or for its grammar: both are right. */
function merged(twin: Outcome): Outcome {
  const merge = (report: Record<string, unknown>): Record<string, unknown> =>
    report["code"] === "TOO_DEEP" ? { ...report, code: "INVALID_JSON" } : report
  return { ...twin, error: twin.error && merge(twin.error), reports: twin.reports.map(merge) }
}

test("NdjsonDecoder agrees with its slow twin for any bytes, any cut and any option", () => {
  const seen = new Set<unknown>()
  fc.assert(
    fc.property(
      hostileBytes(pieces),
      fc.array(fc.nat(), { maxLength: 6 }),
      options,
      (bytes, cut, o) => {
        const twin = ndjsonTwin(bytes, o)
        expect(outcome(cutAt(bytes, cut), o)).toStrictEqual(merged(twin))
        seen.add(twin.error?.["code"])
        for (const { code } of twin.reports as { code: unknown }[]) seen.add(code)
      },
    ),
    { numRuns: 6000 },
  )
  for (const code of [
    "BLANK_LINE",
    "INVALID_JSON",
    "INVALID_UTF8",
    "LINE_TOO_LONG",
    "TOO_DEEP",
    "UNTERMINATED",
    undefined,
  ])
    expect(seen).toContain(code)
})

test("NdjsonDecoder agrees with its twin where many lines are parsed at once", () => {
  const good = encoder.encode('{"n":1}\n'.repeat(600))
  const lines = [
    '{"a":[{}\n',
    "{}]}\n",
    "{},{}\n",
    "{}\n",
    '{"a":1\n',
    '"b":2}\n',
    '{"a":{}}\n',
    "\n",
  ]
  let errors = 0
  let records = 0
  fc.assert(
    fc.property(
      hostileBytes([...lines, ...lines, ...pieces]),
      fc.array(fc.nat(), { maxLength: 2 }),
      options,
      (bytes, cut, o) => {
        const all = concatBytes([good, bytes, encoder.encode("\n"), good])
        const own = outcome(cutAt(all, cut), o)
        expect(own).toStrictEqual(merged(ndjsonTwin(all, o)))
        errors += own.error === undefined ? own.reports.length : 1
        records += own.values.length
      },
    ),
    { numRuns: 1000 },
  )
  expect(errors).toBeGreaterThan(300)
  expect(records).toBeGreaterThan(100_000)
})

test("NdjsonDecoder decodes what encodeNdjson wrote, cut anywhere, and so does split and parse", () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.jsonValue({ maxDepth: 3 }), hostileString), { maxLength: 6 }),
      fc.array(fc.nat(), { maxLength: 6 }),
      (records, cut) => {
        const bytes = encodeNdjson(records)
        const { values, error } = runDecoder(new NdjsonDecoder(), cutAt(bytes, cut))
        expect(error).toBeUndefined()
        expect(values).toStrictEqual(records.map((record) => JSON.parse(JSON.stringify(record))))
        const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes)
        expect(values).toStrictEqual(parseWhole(text))
        const lines = text.split("\n")
        expect(lines.pop()).toBe("")
        expect(values).toStrictEqual(lines.map((line) => JSON.parse(line)))
      },
    ),
    { numRuns: 1500 },
  )
})

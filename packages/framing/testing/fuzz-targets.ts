import { expect } from "vitest"
import { FrameDecoder } from "../src/frames/frame-decoder.ts"
import { FramingError } from "../src/framing-error.ts"
import { JsonDecoder } from "../src/json/json-decoder.ts"
import { JsonElementDecoder } from "../src/json-elements/json-element-decoder.ts"
import { JsonSequenceDecoder } from "../src/json-sequence/json-sequence-decoder.ts"
import { ByteLineDecoder } from "../src/lines/byte-line-decoder.ts"
import { LineDecoder } from "../src/lines/line-decoder.ts"
import { NdjsonDecoder } from "../src/ndjson/ndjson-decoder.ts"
import { SseDecoder } from "../src/sse/sse-decoder.ts"
import type { IncrementalDecoder } from "../src/transformers/incremental-decoder.ts"
import { hex, runDecoder } from "./cuts.ts"
import { ndjsonTwin } from "./ndjson-twin.ts"
import { sseTwin } from "./sse-twin.ts"

export interface FuzzTarget {
  /** The name of its corpus. */
  readonly name: string
  /** Pieces that mutations insert. */
  readonly pieces: readonly string[]
  /** Runs one input and throws when anything about it is wrong. */
  check(bytes: Uint8Array): void
}

interface Run {
  values: unknown[]
  error?: Record<string, unknown>
}

function run(decoder: IncrementalDecoder<unknown>, chunks: Uint8Array[]): Run {
  const show = (value: unknown): unknown => (value instanceof Uint8Array ? hex(value) : value)
  const { values, error } = runDecoder(decoder, chunks, show)
  if (error === undefined) return { values }
  if (!(error instanceof FramingError)) throw error
  const { code, record, line, byteOffset, excerpt } = error
  return { values, error: { code, record, line, byteOffset, excerpt } }
}

/** Whole, byte by byte, and cut where the input itself says: all must agree. */
function sameForCuts(create: () => IncrementalDecoder<unknown>, bytes: Uint8Array): Run {
  const whole = run(create(), [bytes])
  const single = Array.from(bytes, (byte) => Uint8Array.of(byte))
  expect(run(create(), single)).toStrictEqual(whole)
  const at = bytes.reduce((sum, byte) => (sum * 31 + byte) % 65_521, 7) % (bytes.length + 1)
  expect(run(create(), [bytes.subarray(0, at), bytes.subarray(at)])).toStrictEqual(whole)
  return whole
}

function plain(
  name: string,
  pieces: readonly string[],
  create: () => IncrementalDecoder<unknown>,
): FuzzTarget {
  return {
    name,
    pieces,
    check(bytes) {
      sameForCuts(create, bytes)
    },
  }
}

const json = ['"', "[", "]", "{", "}", ",", ":", "1", "null", "\\", "é", "😀", " ", "\n", '"a"']

const ndjson: FuzzTarget = {
  name: "ndjson",
  pieces: ["\r\n", "\n\n", "\ufeff", '{"a":1}\n', ...json],
  check(bytes) {
    const options = { maxLineBytes: 24, maxDepth: 3 }
    const { values, error } = sameForCuts(() => new NdjsonDecoder(options), bytes)
    const twin = ndjsonTwin(bytes, options)
    const merge = (code: unknown): unknown => (code === "TOO_DEEP" ? "INVALID_JSON" : code)
    expect(values).toStrictEqual(twin.values)
    const { excerpt = "" } = error ?? {}
    expect(error && { ...error, code: merge(error["code"]) }).toStrictEqual(
      twin.error && { ...twin.error, code: merge(twin.error["code"]), excerpt },
    )
    const skipping = sameForCuts(() => new NdjsonDecoder({ ...options, onError: "skip" }), bytes)
    expect(skipping.values).toStrictEqual(ndjsonTwin(bytes, { ...options, onError: "skip" }).values)
  },
}

const sse: FuzzTarget = {
  name: "sse",
  pieces: [
    "data",
    "data: x\n\n",
    "event: e",
    "id: 7",
    "retry: 5",
    ":",
    "\r\n",
    "\r",
    "\n",
    "\0",
    "é",
  ],
  check(bytes) {
    const twin = sseTwin(bytes)
    const { values, error } = sameForCuts(() => new SseDecoder({ maxEventBytes: 24 }), bytes)
    expect(error === undefined).toBe(twin.largest <= 24)
    if (error === undefined) expect(values).toStrictEqual(twin.events)
    const comments: string[] = []
    const onComment = (comment: string): number => comments.push(comment)
    expect(run(new SseDecoder({ onComment }), [bytes]).values).toStrictEqual(twin.events)
    expect(comments).toStrictEqual(twin.comments)
  },
}

/** Every decoder of the package. */
export const fuzzTargets: readonly FuzzTarget[] = [
  ndjson,
  sse,
  plain("json", json, () => new JsonDecoder({ maxBytes: 24, maxDepth: 3 })),
  plain("json-elements", json, () => new JsonElementDecoder({ maxElementBytes: 24, maxDepth: 3 })),
  plain(
    "json-sequence",
    ["\x1e", "\x1e1\n", ...json],
    () => new JsonSequenceDecoder({ maxElementBytes: 24, maxDepth: 3, onError: "skip" }),
  ),
  plain("lines", ["\n", "\r\n", "\r", "a", "é"], () => new LineDecoder({ maxLineBytes: 24 })),
  plain(
    "byte-lines",
    ["\n", "\r\n", "\r", "a"],
    () => new ByteLineDecoder({ maxLineBytes: 24, requireFinalNewline: true }),
  ),
  plain(
    "frames-u32",
    ["\0\0\0\x01a", "\0\0\0", "\x02"],
    () => new FrameDecoder({ maxFrameBytes: 24 }),
  ),
  plain(
    "frames-varint",
    ["\x01a", "\x80", "\x00", "\x80\x01"],
    () => new FrameDecoder({ prefix: "varint", maxFrameBytes: 200 }),
  ),
]

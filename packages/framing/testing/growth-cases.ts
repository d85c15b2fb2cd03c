import { FrameDecoder } from "../src/frames/frame-decoder.ts"
import { JsonDecoder } from "../src/json/json-decoder.ts"
import { JsonElementDecoder } from "../src/json-elements/json-element-decoder.ts"
import { JsonSequenceDecoder } from "../src/json-sequence/json-sequence-decoder.ts"
import { ByteLineDecoder } from "../src/lines/byte-line-decoder.ts"
import { LineDecoder } from "../src/lines/line-decoder.ts"
import { NdjsonDecoder } from "../src/ndjson/ndjson-decoder.ts"
import { SseDecoder } from "../src/sse/sse-decoder.ts"
import type { GrowthCase } from "./growth.ts"

const none = Number.POSITIVE_INFINITY
const ndjson = (): NdjsonDecoder => new NdjsonDecoder({ maxLineBytes: none })
const sse = (): SseDecoder => new SseDecoder({ maxEventBytes: none })
const limitedSse = (): SseDecoder => new SseDecoder({ maxEventBytes: 1e9 })
const elements = (): JsonElementDecoder => new JsonElementDecoder({ maxElementBytes: none })
const sequence = (): JsonSequenceDecoder => new JsonSequenceDecoder({ maxElementBytes: none })

/** For each decoder, what it must hold or skip without looking at it again. */
export const growthCases: readonly GrowthCase[] = [
  { name: "an NDJSON line", create: ndjson, head: '"', body: "x", tail: '"\n', values: 1 },
  {
    name: "an NDJSON line, not ASCII",
    create: ndjson,
    head: '"',
    body: "é値😀",
    tail: '"\n',
    values: 1,
  },
  { name: "blank NDJSON lines", create: ndjson, head: "1\n", body: "\n", tail: "2\n", values: 2 },
  {
    name: "a refused NDJSON line",
    create: () => new NdjsonDecoder({ maxLineBytes: 1000, onError: "skip" }),
    head: "1\n",
    body: "x",
    tail: "\n2\n",
    values: 2,
  },
  { name: "an SSE data line", create: sse, head: "data: ", body: "x", tail: "\n\n", values: 1 },
  {
    name: "an SSE data line under a limit",
    create: limitedSse,
    head: "data: ",
    body: "é",
    tail: "\n\n",
    values: 1,
  },
  {
    name: "SSE data lines",
    create: limitedSse,
    head: "",
    body: "data: abcdef\r\n",
    tail: "\n",
    values: 1,
  },
  {
    name: "an SSE comment",
    create: limitedSse,
    head: ":",
    body: "x",
    tail: "\ndata\n\n",
    values: 1,
  },
  {
    name: "SSE comments",
    create: limitedSse,
    head: "",
    body: ": hello\n",
    tail: "data\n\n",
    values: 1,
  },
  {
    name: "an SSE unknown field",
    create: () => new SseDecoder({ maxEventBytes: 1000 }),
    head: "x:",
    body: "y",
    tail: "\ndata\n\n",
    values: 1,
  },
  {
    name: "a JSON value",
    create: () => new JsonDecoder({ maxBytes: none }),
    head: '"',
    body: "x",
    tail: '"',
    values: 1,
  },
  { name: "a JSON element", create: elements, head: '["', body: "x", tail: '"]', values: 1 },
  {
    name: "a wide JSON element",
    create: elements,
    head: "[[[]",
    body: ",[1]",
    tail: "]]",
    values: 1,
  },
  {
    name: "a JSON sequence element",
    create: sequence,
    head: '\x1e"',
    body: "x",
    tail: '"\n',
    values: 1,
  },
  {
    name: "blank lines in a sequence",
    create: sequence,
    head: "\x1e",
    body: "\n",
    tail: "1\n",
    values: 1,
  },
  {
    name: "a line of text",
    create: () => new LineDecoder({ maxLineBytes: none }),
    head: "",
    body: "x",
    tail: "\n",
    values: 1,
  },
  {
    name: "a line of bytes",
    create: () => new ByteLineDecoder({ maxLineBytes: none }),
    head: "",
    body: "x",
    tail: "\n",
    values: 1,
  },
  {
    name: "a frame",
    create: () => ({
      ...bind(new FrameDecoder({ maxFrameBytes: none })),
      finish: () => {},
    }),
    head: "\x7f\0\0\0",
    body: "x",
    tail: "",
    values: 0,
  },
]

function bind(decoder: FrameDecoder): Pick<FrameDecoder, "push"> {
  return { push: (chunk, emit) => decoder.push(chunk, emit) }
}

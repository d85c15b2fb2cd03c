import type { Subject } from "@bellmouth/core/testing"
import { keepsEveryLaw } from "../testing/laws.ts"
import { encodeFrames } from "./frames/encode-frames.ts"
import { FrameArrayEncoderStream } from "./frames/frame-array-encoder-stream.ts"
import { FrameEncoderStream } from "./frames/frame-encoder-stream.ts"
import { JsonEncoderStream } from "./json/json-encoder-stream.ts"
import { JsonElementArrayEncoderStream } from "./json-elements/json-element-array-encoder-stream.ts"
import { JsonElementEncoderStream } from "./json-elements/json-element-encoder-stream.ts"
import { encodeJsonSequenceText } from "./json-sequence/encode-json-sequence.ts"
import { JsonSequenceArrayEncoderStream } from "./json-sequence/json-sequence-array-encoder-stream.ts"
import { JsonSequenceEncoderStream } from "./json-sequence/json-sequence-encoder-stream.ts"
import { LineArrayEncoderStream } from "./lines/line-array-encoder-stream.ts"
import { LineEncoderStream } from "./lines/line-encoder-stream.ts"
import { encodeNdjsonText } from "./ndjson/encode-ndjson.ts"
import { NdjsonArrayEncoderStream } from "./ndjson/ndjson-array-encoder-stream.ts"
import { NdjsonEncoderStream } from "./ndjson/ndjson-encoder-stream.ts"
import { encodeSseText } from "./sse/encode-sse.ts"
import { SseArrayEncoderStream } from "./sse/sse-array-encoder-stream.ts"
import { SseEncoderStream } from "./sse/sse-encoder-stream.ts"

const utf8 = new TextEncoder()
const bytes = (...texts: string[]): Uint8Array[] => texts.map((text) => utf8.encode(text))
const isTypeError = (reason: unknown): boolean => reason instanceof TypeError
const values = [{ a: 1 }, "é\n", [2, 3], null, 4, { b: [] }]

const encoders: Record<string, Subject<unknown, Uint8Array>> = {
  NdjsonEncoderStream: {
    create: () => new NdjsonEncoderStream(),
    inputs: values,
    outputs: (inputs) => bytes(...inputs.map(encodeNdjsonText)),
    joins: "bytes",
    failing: { input: undefined, outputs: [], isExpected: isTypeError },
  },
  NdjsonArrayEncoderStream: {
    create: () => new NdjsonArrayEncoderStream(),
    inputs: [[1, 2], [[3]], [4], [5, 6]],
    outputs: bytes("1\n2\n", "[3]\n", "4\n", "5\n6\n"),
    failing: { input: [1, undefined], outputs: [], isExpected: isTypeError },
  },
  SseEncoderStream: {
    create: () => new SseEncoderStream(),
    inputs: ["a", "b\nc", " d", "é"].map((data) => ({ data })),
    outputs: (inputs) => bytes(...inputs.map((input) => encodeSseText(input as { data: string }))),
    joins: "bytes",
    failing: { input: { event: "\n" }, outputs: [], isExpected: isTypeError },
  },
  JsonSequenceEncoderStream: {
    create: () => new JsonSequenceEncoderStream(),
    inputs: values,
    outputs: (inputs) => bytes(...inputs.map(encodeJsonSequenceText)),
    joins: "bytes",
    failing: { input: undefined, outputs: [], isExpected: isTypeError },
  },
  JsonEncoderStream: {
    create: () => new JsonEncoderStream(),
    inputs: [values],
    outputs: bytes(JSON.stringify(values)),
    failing: { input: undefined, outputs: [], isExpected: isTypeError },
  },
  JsonElementEncoderStream: {
    create: () => new JsonElementEncoderStream(),
    inputs: values,
    outputs: (inputs) => bytes(JSON.stringify(inputs)),
    joins: "bytes",
    failing: { input: undefined, outputs: [], isExpected: isTypeError },
  },
  LineEncoderStream: {
    create: () => new LineEncoderStream(),
    inputs: ["a", "é", "", "b"],
    outputs: bytes("a\n", "é\n", "\n", "b\n"),
    failing: { input: "\n", outputs: [], isExpected: isTypeError },
  },
  FrameEncoderStream: {
    create: () => new FrameEncoderStream(),
    inputs: bytes("a", "", "bc", "d"),
    outputs: (inputs) => (inputs as Uint8Array[]).map((input) => encodeFrames([input])),
    failing: { input: "no bytes", outputs: [], isExpected: isTypeError },
  },
  JsonElementArrayEncoderStream: {
    create: () => new JsonElementArrayEncoderStream(),
    inputs: [[1, 2], [[3]], [], ["é"], [5]],
    outputs: bytes('[1,2,[3],"é",5]'),
    joins: "bytes",
    failing: { input: [1, undefined], outputs: [], isExpected: isTypeError },
  },
  JsonSequenceArrayEncoderStream: {
    create: () => new JsonSequenceArrayEncoderStream(),
    inputs: [[1, 2], [[3]], ["é"], [5]],
    outputs: bytes("\x1e1\n\x1e2\n", "\x1e[3]\n", '\x1e"é"\n', "\x1e5\n"),
    failing: { input: [1, undefined], outputs: [], isExpected: isTypeError },
  },
  SseArrayEncoderStream: {
    create: () => new SseArrayEncoderStream(),
    inputs: [[{ data: "a" }, { data: "b\nc" }], [{ data: " d" }], [{ data: "é" }], [{ id: "5" }]],
    outputs: bytes("data: a\n\ndata: b\ndata: c\n\n", "data:  d\n\n", "data: é\n\n", "id: 5\n\n"),
    failing: { input: [{ data: "a" }, { event: "\n" }], outputs: [], isExpected: isTypeError },
  },
  LineArrayEncoderStream: {
    create: () => new LineArrayEncoderStream(),
    inputs: [["a", "é"], [""], ["b"], bytes("c")],
    outputs: bytes("a\né\n", "\n", "b\n", "c\n"),
    failing: { input: ["a", "\n"], outputs: [], isExpected: isTypeError },
  },
  FrameArrayEncoderStream: {
    create: () => new FrameArrayEncoderStream(),
    inputs: [bytes("a", ""), bytes("b"), bytes("cd"), bytes("")],
    outputs: (inputs) => (inputs as Uint8Array[][]).map((input) => encodeFrames(input)),
    failing: { input: ["no bytes"], outputs: [], isExpected: isTypeError },
  },
}

// It takes one value.
keepsEveryLaw("encoder", encoders, { JsonEncoderStream: ["backpressure", "sink-lead"] })

import { checkLaws, type Subject } from "@bellmouth/core/testing"
import { expect, test } from "vitest"
import { encodeFrames } from "./frames/encode-frames.ts"
import { FrameDecoderStream } from "./frames/frame-decoder-stream.ts"
import { FrameEncoderStream } from "./frames/frame-encoder-stream.ts"
import { FramingError } from "./framing-error.ts"
import { JsonElementDecoderStream } from "./json-elements/json-element-decoder-stream.ts"
import { JsonElementEncoderStream } from "./json-elements/json-element-encoder-stream.ts"
import { encodeJsonSequenceText } from "./json-sequence/encode-json-sequence.ts"
import { JsonSequenceDecoderStream } from "./json-sequence/json-sequence-decoder-stream.ts"
import { JsonSequenceEncoderStream } from "./json-sequence/json-sequence-encoder-stream.ts"
import { ByteLineDecoderStream } from "./lines/byte-line-decoder-stream.ts"
import { LineDecoderStream } from "./lines/line-decoder-stream.ts"
import { LineEncoderStream } from "./lines/line-encoder-stream.ts"
import { encodeNdjsonText } from "./ndjson/encode-ndjson.ts"
import { NdjsonArrayDecoderStream } from "./ndjson/ndjson-array-decoder-stream.ts"
import { NdjsonArrayEncoderStream } from "./ndjson/ndjson-array-encoder-stream.ts"
import { NdjsonDecoderStream } from "./ndjson/ndjson-decoder-stream.ts"
import { NdjsonEncoderStream } from "./ndjson/ndjson-encoder-stream.ts"
import { encodeSseText } from "./sse/encode-sse.ts"
import { SseDecoderStream } from "./sse/sse-decoder-stream.ts"
import { SseEncoderStream } from "./sse/sse-encoder-stream.ts"

const utf8 = new TextEncoder()
const bytes = (...texts: string[]): Uint8Array[] => texts.map((text) => utf8.encode(text))
const isFramingError = (reason: unknown): boolean => reason instanceof FramingError
const isTypeError = (reason: unknown): boolean => reason instanceof TypeError
const event = (data: string) => ({ type: "message", data, lastEventId: "" })
const values = [{ a: 1 }, "é\n", [2, 3], null, 4, { b: [] }]

const decoders: Record<string, Subject<Uint8Array, unknown>> = {
  NdjsonDecoderStream: {
    create: () => new NdjsonDecoderStream(),
    inputs: bytes('{"a":1}\n"é€"\n', "[2]\n", "3\n4\r\n", "5\n", "6\n"),
    outputs: [{ a: 1 }, "é€", [2], 3, 4, 5, 6],
    splits: "bytes",
    failing: { input: utf8.encode("7\n8\nx\n"), outputs: [7, 8], isExpected: isFramingError },
  },
  NdjsonArrayDecoderStream: {
    create: () => new NdjsonArrayDecoderStream(),
    inputs: bytes("1\n2\n", "34\n", "5\n", "6\n7\n"),
    outputs: [[1, 2], [34], [5], [6, 7]],
    splits: "bytes",
    joins: "arrays",
    failing: { input: utf8.encode("7\n8\nx\n"), outputs: [[7, 8]], isExpected: isFramingError },
  },
  SseDecoderStream: {
    create: () => new SseDecoderStream({ maxEventBytes: 32 }),
    inputs: bytes("data: 1\r\n\r\n", "data: 2\n\n", "data: 3\r\r", "data: 4\n\n"),
    outputs: ["1", "2", "3", "4"].map(event),
    splits: "bytes",
    failing: {
      input: utf8.encode(`data: 5\n\ndata: 6\n\ndata: ${"x".repeat(40)}`),
      outputs: ["5", "6"].map(event),
      isExpected: isFramingError,
    },
  },
  JsonElementDecoderStream: {
    create: () => new JsonElementDecoderStream(),
    inputs: bytes("[1, ", '{"a":"é"}', ",[2]", ', "x"', ",5]"),
    outputs: [1, { a: "é" }, [2], "x", 5],
    splits: "bytes",
  },
  JsonSequenceDecoderStream: {
    create: () => new JsonSequenceDecoderStream(),
    inputs: bytes("\x1e1\n", '\x1e{"a":\n2}\n', "\x1e[3]\n", "\x1e4\n"),
    outputs: [1, { a: 2 }, [3], 4],
    splits: "bytes",
    failing: {
      input: utf8.encode("\x1e1\n\x1e2\n\x1ex\n"),
      outputs: [1, 2],
      isExpected: isFramingError,
    },
  },
  LineDecoderStream: {
    create: () => new LineDecoderStream({ maxLineBytes: 9 }),
    inputs: bytes("a\nb\r\n", "cd\n", "\n", "é\nf\n"),
    outputs: ["a", "b", "cd", "", "é", "f"],
    splits: "bytes",
    failing: {
      input: utf8.encode("g\nh\n0123456789\n"),
      outputs: ["g", "h"],
      isExpected: isFramingError,
    },
  },
  ByteLineDecoderStream: {
    create: () => new ByteLineDecoderStream({ maxLineBytes: 9 }),
    inputs: bytes("a\nb\r\n", "cd\n", "e\n", "f\n"),
    outputs: bytes("a", "b", "cd", "e", "f"),
    splits: "bytes",
    failing: {
      input: utf8.encode("g\nh\n0123456789\n"),
      outputs: bytes("g", "h"),
      isExpected: isFramingError,
    },
  },
  FrameDecoderStream: {
    create: () => new FrameDecoderStream({ prefix: "varint", maxFrameBytes: 9 }),
    inputs: bytes("\x01a\x02bc", "\x00", "\x01d", "\x01e"),
    outputs: bytes("a", "bc", "", "d", "e"),
    splits: "bytes",
    failing: {
      input: utf8.encode("\x01g\x01h\x0a"),
      outputs: bytes("g", "h"),
      isExpected: isFramingError,
    },
  },
}

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
}

for (const [name, subject] of Object.entries(decoders))
  test(`${name} keeps every law of transforms`, async () => {
    const { held, results } = await checkLaws(subject)
    expect(results.length).toBeGreaterThan(10)
    expect(held).toBeGreaterThan(8)
  })

for (const [name, subject] of Object.entries(encoders))
  test(`${name} keeps every law of transforms`, async () => {
    const { held, results } = await checkLaws(subject)
    expect(results.length).toBeGreaterThan(10)
    expect(held).toBeGreaterThan(8)
  })

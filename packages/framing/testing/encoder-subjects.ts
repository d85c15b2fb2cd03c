import { bytes, named, type StreamSubject } from "./stream-subject.ts"

const isTypeError = named("TypeError")
const values = [{ a: 1 }, "é\n", [2, 3], null, 4, { b: [] }]

/** Every stream that encodes, by the name of its class, as the laws of transforms need it. */
export const encoderSubjects: Readonly<Record<string, StreamSubject<unknown, Uint8Array>>> = {
  NdjsonEncoderStream: {
    inputs: values,
    outputs: values.flatMap((value) => bytes(`${JSON.stringify(value)}\n`)),
    joins: "bytes",
    failing: { input: undefined, outputs: [], isExpected: isTypeError },
  },
  NdjsonArrayEncoderStream: {
    inputs: [[1, 2], [[3]], [4], [5, 6]],
    outputs: bytes("1\n2\n", "[3]\n", "4\n", "5\n6\n"),
    failing: { input: [1, undefined], outputs: [], isExpected: isTypeError },
  },
  SseEncoderStream: {
    inputs: ["a", "b\nc", " d", "é"].map((data) => ({ data })),
    outputs: bytes("data: a\n\n", "data: b\ndata: c\n\n", "data:  d\n\n", "data: é\n\n"),
    joins: "bytes",
    failing: { input: { event: "\n" }, outputs: [], isExpected: isTypeError },
  },
  JsonSequenceEncoderStream: {
    inputs: values,
    outputs: values.flatMap((value) => bytes(`\x1e${JSON.stringify(value)}\n`)),
    joins: "bytes",
    failing: { input: undefined, outputs: [], isExpected: isTypeError },
  },
  JsonEncoderStream: {
    // It takes one value.
    unseen: ["backpressure", "sink-lead"],
    inputs: [values],
    outputs: bytes(JSON.stringify(values)),
    failing: { input: undefined, outputs: [], isExpected: isTypeError },
  },
  JsonElementEncoderStream: {
    inputs: values,
    outputs: bytes(JSON.stringify(values)),
    joins: "bytes",
    failing: { input: undefined, outputs: [], isExpected: isTypeError },
  },
  LineEncoderStream: {
    inputs: ["a", "é", "", "b"],
    outputs: bytes("a\n", "é\n", "\n", "b\n"),
    failing: { input: "\n", outputs: [], isExpected: isTypeError },
  },
  FrameEncoderStream: {
    inputs: bytes("a", "", "bc", "d"),
    outputs: bytes("\0\0\0\x01a", "\0\0\0\0", "\0\0\0\x02bc", "\0\0\0\x01d"),
    failing: { input: "no bytes", outputs: [], isExpected: isTypeError },
  },
  JsonElementArrayEncoderStream: {
    inputs: [[1, 2], [[3]], [], ["é"], [5]],
    outputs: bytes('[1,2,[3],"é",5]'),
    joins: "bytes",
    failing: { input: [1, undefined], outputs: [], isExpected: isTypeError },
  },
  JsonSequenceArrayEncoderStream: {
    inputs: [[1, 2], [[3]], ["é"], [5]],
    outputs: bytes("\x1e1\n\x1e2\n", "\x1e[3]\n", '\x1e"é"\n', "\x1e5\n"),
    failing: { input: [1, undefined], outputs: [], isExpected: isTypeError },
  },
  SseArrayEncoderStream: {
    inputs: [[{ data: "a" }, { data: "b\nc" }], [{ data: " d" }], [{ data: "é" }], [{ id: "5" }]],
    outputs: bytes("data: a\n\ndata: b\ndata: c\n\n", "data:  d\n\n", "data: é\n\n", "id: 5\n\n"),
    failing: { input: [{ data: "a" }, { event: "\n" }], outputs: [], isExpected: isTypeError },
  },
  LineArrayEncoderStream: {
    inputs: [["a", "é"], [""], ["b"], bytes("c")],
    outputs: bytes("a\né\n", "\n", "b\n", "c\n"),
    failing: { input: ["a", "\n"], outputs: [], isExpected: isTypeError },
  },
  FrameArrayEncoderStream: {
    inputs: [bytes("a", ""), bytes("b"), bytes("cd"), bytes("")],
    outputs: bytes("\0\0\0\x01a\0\0\0\0", "\0\0\0\x01b", "\0\0\0\x02cd", "\0\0\0\0"),
    failing: { input: ["no bytes"], outputs: [], isExpected: isTypeError },
  },
}

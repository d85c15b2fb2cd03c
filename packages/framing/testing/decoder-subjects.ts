import { bytes, named, one, type StreamSubject } from "./stream-subject.ts"

const isFramingError = named("FramingError")
const event = (data: string) => ({ type: "message", data, lastEventId: "" })

/** Whether the array's first bracket has come, and not its last. */
const isOpen = (inputs: readonly Uint8Array[]): boolean =>
  inputs.length > 0 && inputs.at(-1)?.at(-1) !== "]".charCodeAt(0)

/** Every stream that decodes, by the name of its class, as the laws of transforms need it. */
export const decoderSubjects: Readonly<Record<string, StreamSubject<Uint8Array, unknown>>> = {
  NdjsonDecoderStream: {
    inputs: bytes('{"a":1}\n"é€"\n', "[2]\n", "3\n4\r\n", "5\n", "6\n"),
    outputs: [{ a: 1 }, "é€", [2], 3, 4, 5, 6],
    splits: "bytes",
    failing: { input: one("7\n8\nx\n"), outputs: [7, 8], isExpected: isFramingError },
  },
  NdjsonArrayDecoderStream: {
    inputs: bytes("1\n2\n", "34\n", "5\n", "6\n7\n"),
    outputs: [[1, 2], [34], [5], [6, 7]],
    splits: "bytes",
    joins: "arrays",
    failing: { input: one("7\n8\nx\n"), outputs: [[7, 8]], isExpected: isFramingError },
  },
  SseDecoderStream: {
    options: { maxEventBytes: 32 },
    inputs: bytes("data: 1\r\n\r\n", "data: 2\n\n", "data: 3\r\r", "data: 4\n\n"),
    outputs: ["1", "2", "3", "4"].map(event),
    splits: "bytes",
    failing: {
      input: one(`data: 5\n\ndata: 6\n\ndata: ${"x".repeat(40)}`),
      outputs: ["5", "6"].map(event),
      isExpected: isFramingError,
    },
  },
  SseArrayDecoderStream: {
    options: { maxEventBytes: 32 },
    inputs: bytes("data: 1\n\ndata: 2\r\r", "data: 3\n\n", "data: 4\n\n", "data: 5\n\n"),
    outputs: [["1", "2"], ["3"], ["4"], ["5"]].map((all) => all.map(event)),
    splits: "bytes",
    joins: "arrays",
    failing: {
      input: one(`data: 6\n\ndata: 7\n\ndata: ${"x".repeat(40)}`),
      outputs: [["6", "7"].map(event)],
      isExpected: isFramingError,
    },
  },
  JsonDecoderStream: {
    // Its value comes with the end.
    unseen: ["early-stop", "sink-lead"],
    options: { maxBytes: 40 },
    inputs: bytes('{"a":', "[1,", '"é"', ",2]", "}", "\n"),
    outputs: [{ a: [1, "é", 2] }],
    splits: "bytes",
    failing: { input: new Uint8Array(41), outputs: [], isExpected: isFramingError },
  },
  JsonElementDecoderStream: {
    inputs: bytes("[1, ", '{"a":"é"}', ",[2]", ', "x"', ",5]"),
    outputs: [1, { a: "é" }, [2], "x", 5],
    splits: "bytes",
    failing: {
      input: one("6,7,nope,"),
      outputs: (before) => (isOpen(before) ? [6, 7] : []),
      isExpected: isFramingError,
    },
  },
  JsonElementArrayDecoderStream: {
    inputs: bytes("[1, 2,", "[3],", '"é",', "5]"),
    outputs: [[1, 2], [[3]], ["é"], [5]],
    splits: "bytes",
    joins: "arrays",
    failing: {
      input: one("6,7,nope,"),
      outputs: (before) => (isOpen(before) ? [[6, 7]] : []),
      isExpected: isFramingError,
    },
  },
  JsonSequenceDecoderStream: {
    inputs: bytes("\x1e1\n", '\x1e{"a":\n2}\n', "\x1e[3]\n", "\x1e4\n"),
    outputs: [1, { a: 2 }, [3], 4],
    splits: "bytes",
    failing: {
      input: one("\x1e1\n\x1e2\n\x1ex\n"),
      outputs: [1, 2],
      isExpected: isFramingError,
    },
  },
  JsonSequenceArrayDecoderStream: {
    inputs: bytes("\x1e1\n\x1e2\n", '\x1e"é"\n', "\x1e[3]\n", "\x1e4\n"),
    outputs: [[1, 2], ["é"], [[3]], [4]],
    splits: "bytes",
    joins: "arrays",
    failing: {
      input: one("\x1e1\n\x1e2\n\x1ex\n"),
      outputs: [[1, 2]],
      isExpected: isFramingError,
    },
  },
  LineDecoderStream: {
    options: { maxLineBytes: 9 },
    inputs: bytes("a\nb\r\n", "cd\n", "\n", "é\nf\n"),
    outputs: ["a", "b", "cd", "", "é", "f"],
    splits: "bytes",
    failing: {
      input: one("g\nh\n0123456789\n"),
      outputs: ["g", "h"],
      isExpected: isFramingError,
    },
  },
  LineArrayDecoderStream: {
    options: { maxLineBytes: 9 },
    inputs: bytes("a\nb\r\n", "cd\n", "\n", "é\nf\n"),
    outputs: [["a", "b"], ["cd"], [""], ["é", "f"]],
    splits: "bytes",
    joins: "arrays",
    failing: {
      input: one("g\nh\n0123456789\n"),
      outputs: [["g", "h"]],
      isExpected: isFramingError,
    },
  },
  ByteLineDecoderStream: {
    options: { maxLineBytes: 9 },
    inputs: bytes("a\nb\r\n", "cd\n", "e\n", "f\n"),
    outputs: bytes("a", "b", "cd", "e", "f"),
    splits: "bytes",
    failing: {
      input: one("g\nh\n0123456789\n"),
      outputs: bytes("g", "h"),
      isExpected: isFramingError,
    },
  },
  ByteLineArrayDecoderStream: {
    options: { maxLineBytes: 9 },
    inputs: bytes("a\nb\r\n", "cd\n", "\n", "e\nf\n"),
    outputs: [bytes("a", "b"), bytes("cd"), bytes(""), bytes("e", "f")],
    splits: "bytes",
    joins: "arrays",
    failing: {
      input: one("g\nh\n0123456789\n"),
      outputs: [bytes("g", "h")],
      isExpected: isFramingError,
    },
  },
  FrameDecoderStream: {
    options: { prefix: "varint", maxFrameBytes: 9 },
    inputs: bytes("\x01a\x02bc", "\x00", "\x01d", "\x01e"),
    outputs: bytes("a", "bc", "", "d", "e"),
    splits: "bytes",
    failing: {
      input: one("\x01g\x01h\x0a"),
      outputs: bytes("g", "h"),
      isExpected: isFramingError,
    },
  },
  FrameArrayDecoderStream: {
    options: { prefix: "varint", maxFrameBytes: 9 },
    inputs: bytes("\x01a\x02bc", "\x00", "\x01d", "\x01e"),
    outputs: [bytes("a", "bc"), bytes(""), bytes("d"), bytes("e")],
    splits: "bytes",
    joins: "arrays",
    failing: {
      input: one("\x01g\x01h\x0a"),
      outputs: [bytes("g", "h")],
      isExpected: isFramingError,
    },
  },
}

import { from } from "@bellmouth/core"
import { expect, test } from "vitest"
import { cutAt } from "../testing/hostile.ts"
import { FrameEncoderStream } from "./frames/frame-encoder-stream.ts"
import type { FramingError } from "./framing-error.ts"
import { JsonDecoderStream } from "./json/json-decoder-stream.ts"
import { JsonEncoderStream } from "./json/json-encoder-stream.ts"
import { JsonElementEncoderStream } from "./json-elements/json-element-encoder-stream.ts"
import { JsonSequenceArrayDecoderStream } from "./json-sequence/json-sequence-array-decoder-stream.ts"
import { LineArrayEncoderStream } from "./lines/line-array-encoder-stream.ts"
import { LineEncoderStream } from "./lines/line-encoder-stream.ts"
import { encodeNdjson } from "./ndjson/encode-ndjson.ts"
import { NdjsonArrayDecoderStream } from "./ndjson/ndjson-array-decoder-stream.ts"
import { NdjsonArrayEncoderStream } from "./ndjson/ndjson-array-encoder-stream.ts"
import { NdjsonDecoderStream } from "./ndjson/ndjson-decoder-stream.ts"
import { NdjsonEncoderStream } from "./ndjson/ndjson-encoder-stream.ts"
import { SseArrayDecoderStream } from "./sse/sse-array-decoder-stream.ts"
import { SseArrayEncoderStream } from "./sse/sse-array-encoder-stream.ts"
import { SseDecoderStream } from "./sse/sse-decoder-stream.ts"
import { SseEncoderStream } from "./sse/sse-encoder-stream.ts"

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

async function read<I, O>(
  stage: ReadableWritablePair<O, I>,
  ...chunks: I[]
): Promise<{ chunks: O[]; error: unknown }> {
  const seen: O[] = []
  const reader = from(chunks).pipeThrough(stage).getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return { chunks: seen, error: undefined }
      seen.push(value)
    }
  } catch (error) {
    return { chunks: seen, error }
  }
}

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true })
const text = (chunks: Uint8Array[]): string[] => chunks.map((c) => utf8.decode(c))

test("NdjsonDecoderStream delivers the records before a bad one of the same chunk", async () => {
  const { chunks, error } = await read(new NdjsonDecoderStream(), bytes("1\n2\n3\nnope\n4\n"))
  expect(chunks).toEqual([1, 2, 3])
  expect(error).toMatchObject({ code: "INVALID_JSON", line: 4, byteOffset: 6 })
})

test("line encoders refuse a BOM that would be the stream's first bytes, and no other", async () => {
  const first = await read(new LineEncoderStream(), "\ufeffa")
  expect(first.error).toBeInstanceOf(TypeError)
  const later = await read(new LineEncoderStream(), "a", "\ufeffb")
  expect(text(later.chunks)).toEqual(["a\n", "\ufeffb\n"])
  const arrays = await read(new LineArrayEncoderStream(), [], ["a"], ["\ufeffb"])
  expect(text(arrays.chunks)).toEqual(["a\n", "\ufeffb\n"])
  expect((await read(new LineArrayEncoderStream(), [], ["\ufeffa"])).error).toBeInstanceOf(
    TypeError,
  )
})

test("NdjsonDecoderStream keeps null, false and 0 as records", async () => {
  const { chunks } = await read(new NdjsonDecoderStream(), bytes("null\nfal"), bytes("se\n0"))
  expect(chunks).toEqual([null, false, 0])
})

test("NdjsonDecoderStream skips bad records and reports them when told to", async () => {
  const reports: FramingError[] = []
  const stage = new NdjsonDecoderStream({ onError: (error) => reports.push(error) })
  const { chunks, error } = await read(stage, bytes("1\nx\n2"))
  expect([chunks, error]).toEqual([[1, 2], undefined])
  expect(reports.map(({ line }) => line)).toEqual([2])
})

test("NdjsonDecoderStream gives the source's own error, not one of its own", async () => {
  const reason = new Error("mine")
  const source = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(bytes('{"a":1}\n{"b'))
    },
    pull(controller) {
      controller.error(reason)
    },
  })
  const reader = source.pipeThrough(new NdjsonDecoderStream()).getReader()
  expect(await reader.read()).toEqual({ done: false, value: { a: 1 } })
  await expect(reader.read()).rejects.toBe(reason)
})

test("NdjsonDecoderStream cancels its source with the reader's reason", async () => {
  const reasons: unknown[] = []
  const source = new ReadableStream<Uint8Array>(
    {
      pull: (controller) => controller.enqueue(bytes("1\n")),
      cancel: (reason) => {
        reasons.push(reason)
      },
    },
    { highWaterMark: 0 },
  )
  const reader = source.pipeThrough(new NdjsonDecoderStream()).getReader()
  await reader.read()
  await reader.cancel("enough")
  expect(reasons).toEqual(["enough"])
})

test("a decoder stream refuses a chunk that is not bytes with a TypeError", async () => {
  for (const chunk of ["1\n", new ArrayBuffer(1), new DataView(new ArrayBuffer(1)), 5]) {
    const { error } = await read(new NdjsonDecoderStream(), chunk as unknown as Uint8Array)
    expect(error).toBeInstanceOf(TypeError)
  }
})

test("NdjsonArrayDecoderStream gives the records of one chunk as one array", async () => {
  const stage = new NdjsonArrayDecoderStream()
  const { chunks, error } = await read(stage, bytes("1\n2\n3"), bytes("4"), bytes("\n5\nx\n"))
  expect(chunks).toEqual([
    [1, 2],
    [34, 5],
  ])
  expect(error).toMatchObject({ code: "INVALID_JSON", record: 5 })
})

test("NdjsonArrayDecoderStream keeps the order of records that are parsed at once and one by one", async () => {
  const records = Array.from({ length: 30_000 }, (_, n) => (n % 7_000 === 0 ? [n] : { n }))
  const all = encodeNdjson(records)
  for (const cut of [20_003, 100_001, all.length]) {
    const parts = cutAt(all, [cut, 2 * cut, 3 * cut])
    const { chunks } = await read(new NdjsonArrayDecoderStream(), ...parts)
    expect(chunks).toHaveLength(parts.filter((part) => part.includes(10)).length)
    expect(chunks.flat()).toEqual(records)
  }
})

test("an array view gives what the end of its input completes before the end's error", async () => {
  const stage = new JsonSequenceArrayDecoderStream()
  const { chunks, error } = await read(stage, bytes("\x1e1\n\x1e[2]\x1e[3]"), bytes("\x1e4"))
  expect(chunks).toEqual([[1], [[2], [3]]])
  expect(error).toMatchObject({ code: "UNTERMINATED", record: 4 })
})

test("NdjsonEncoderStream gathers no more than about 16 KiB for one chunk", async () => {
  const records = Array.from({ length: 100 }, () => "x".repeat(997))
  const { chunks } = await read(new NdjsonEncoderStream(), ...records)
  expect(chunks.map((chunk) => chunk.length)).toEqual([
    17_000, 17_000, 17_000, 17_000, 17_000, 15_000,
  ])
})

test("NdjsonEncoderStream delivers earlier lines before it fails", async () => {
  const { chunks, error } = await read(new NdjsonEncoderStream(), 1, undefined, 2)
  expect(text(chunks)).toEqual(["1\n"])
  expect(error).toBeInstanceOf(TypeError)
})

test("NdjsonArrayEncoderStream takes any iterable, and an array in it as a record", async () => {
  const stage = new NdjsonArrayEncoderStream()
  const { chunks } = await read<Iterable<unknown>, Uint8Array>(stage, [1, [2]], new Set(["x"]))
  expect(text(chunks)).toEqual(["1\n[2]\n", '"x"\n'])
})

test("SseDecoderStream gives events, then the limit's error", async () => {
  const stage = new SseDecoderStream({ maxEventBytes: 8, lastEventId: "4" })
  const { chunks, error } = await read(stage, bytes("data: 1\n\nid:5\nda"), bytes("ta: 123\n\n"))
  expect(chunks).toEqual([{ type: "message", data: "1", lastEventId: "4" }])
  expect(error).toMatchObject({ code: "EVENT_TOO_LARGE", record: 2, byteOffset: 14 })
})

test("SseDecoderStream shows comments, retry and the last event id", async () => {
  const comments: string[] = []
  const stage = new SseDecoderStream({ onComment: (comment) => comments.push(comment) })
  await read(stage, bytes(": hi\nretry: 5\nid: 9\n\nid: lost"))
  expect([comments, stage.reconnectionTime, stage.lastEventId]).toEqual([["hi"], 5, "9"])
})

test("SseArrayDecoderStream gives the events of one chunk as one array", async () => {
  const stage = new SseArrayDecoderStream({ lastEventId: "4" })
  expect([stage.lastEventId, stage.reconnectionTime]).toEqual(["4", undefined])
  const lines = "data: 1\n\nid: 5\nretry: 6\ndata: 2\n\nid: lost\nda"
  const { chunks } = await read(stage, bytes(lines), bytes("ta: 3\n"))
  expect([stage.lastEventId, stage.reconnectionTime]).toEqual(["5", 6])
  expect(chunks.map((events) => events.map(({ data }) => data))).toEqual([["1", "2"]])
})

test("SseEncoderStream gives whole events and refuses an injection", async () => {
  const { chunks, error } = await read(
    new SseEncoderStream(),
    { id: "1", data: "a\nb" },
    { event: "x\ndata: forged", data: "" },
  )
  expect(text(chunks)).toEqual(["id: 1\ndata: a\ndata: b\n\n"])
  expect(error).toBeInstanceOf(TypeError)
})

test("SseArrayEncoderStream gives one chunk for an array", async () => {
  const { chunks } = await read(new SseArrayEncoderStream(), [{ data: "a" }, { comment: "b" }], [])
  expect(text(chunks)).toEqual(["data: a\n\n: b\n"])
})

test("JsonDecoderStream gives one value at the end, JsonEncoderStream its bytes", async () => {
  expect((await read(new JsonDecoderStream(), bytes('{"a"'), bytes(":1}"))).chunks).toEqual([
    { a: 1 },
  ])
  expect((await read(new JsonDecoderStream(), bytes("1 2"))).error).toMatchObject({
    code: "INVALID_JSON",
  })
  expect((await read(new JsonDecoderStream())).error).toMatchObject({ code: "NO_VALUE" })
  expect(text((await read(new JsonEncoderStream(), { a: 1 })).chunks)).toEqual(['{"a":1}'])
})

test("JsonEncoderStream refuses no value and a second one", async () => {
  expect((await read(new JsonEncoderStream())).error).toBeInstanceOf(TypeError)
  const { chunks, error } = await read(new JsonEncoderStream(), 1, 2)
  expect(text(chunks)).toEqual(["1"])
  expect(error).toBeInstanceOf(TypeError)
})

test("JsonElementEncoderStream writes no element as an empty array", async () => {
  expect(text((await read(new JsonElementEncoderStream())).chunks)).toEqual(["[]"])
  expect(text((await read(new JsonElementEncoderStream(), 1, [2])).chunks).join("")).toBe("[1,[2]]")
})

test("JsonElementEncoderStream leaves the array open when an element has no JSON", async () => {
  const { chunks, error } = await read(new JsonElementEncoderStream(), 1, undefined, 2)
  expect(text(chunks)).toEqual(["[1"])
  expect(error).toBeInstanceOf(TypeError)
})

test("FrameEncoderStream copies short bodies and passes long ones on", async () => {
  const long = new Uint8Array(20_000)
  const { chunks } = await read(
    new FrameEncoderStream({ prefix: "varint" }),
    Uint8Array.of(7),
    long,
  )
  expect(chunks.map((chunk) => chunk.length)).toEqual([2, 3, 20_000])
  expect(chunks[2]).toBe(long)
})

test("FrameEncoderStream refuses a body over its limit after earlier frames", async () => {
  const stage = new FrameEncoderStream({ maxFrameBytes: 1 })
  const { chunks, error } = await read(stage, Uint8Array.of(7), Uint8Array.of(8, 9))
  expect(chunks).toHaveLength(1)
  expect(error).toBeInstanceOf(RangeError)
})

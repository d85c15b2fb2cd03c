import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { fromPull } from "@bellmouth/core"
import { expect, test } from "vitest"
import { isLinear } from "../testing/growth.ts"
import { growthCases } from "../testing/growth-cases.ts"
import { FrameDecoder } from "./frames/frame-decoder.ts"
import { JsonDecoder } from "./json/json-decoder.ts"
import { JsonElementDecoder } from "./json-elements/json-element-decoder.ts"
import { JsonSequenceDecoder } from "./json-sequence/json-sequence-decoder.ts"
import { ByteLineDecoder } from "./lines/byte-line-decoder.ts"
import { LineDecoder } from "./lines/line-decoder.ts"
import { NdjsonDecoder } from "./ndjson/ndjson-decoder.ts"
import { SseDecoder } from "./sse/sse-decoder.ts"
import { SseDecoderStream } from "./sse/sse-decoder-stream.ts"
import type { IncrementalDecoder } from "./transformers/incremental-decoder.ts"

for (const growth of growthCases.filter(({ name }) =>
  /^an (NDJSON|SSE data) line( under a limit)?$/.test(name),
))
  test(`${growth.name} of 64 MB in 64-byte chunks takes time in proportion`, () => {
    expect(isLinear(growth, 1_000_000, { runs: 2 })).toBe(true)
  })

setFlagsFromString("--expose-gc")
const collectGarbage = runInNewContext("gc") as () => void

function heapMb(): number {
  // The buffers that the first collection finds are given back behind it.
  collectGarbage()
  collectGarbage()
  const { heapUsed, external } = process.memoryUsage()
  return (heapUsed + external) / 1e6
}

const skipped: [string, SseDecoder | NdjsonDecoder, string, string][] = [
  ["an SSE comment", new SseDecoder(), ":", "x"],
  ["SSE comments", new SseDecoder(), "", ": hello\n"],
  ["an unknown SSE field", new SseDecoder(), "x:", "y"],
  ["a refused NDJSON line", new NdjsonDecoder({ onError: "skip" }), "", "x"],
  ["blank NDJSON lines", new NdjsonDecoder(), "", "\n"],
]

for (const [name, decoder, head, body] of skipped)
  test(`${name} without end stays within the limit's memory`, () => {
    const emit = (): void => {}
    const chunk = new TextEncoder().encode(body.repeat(65_536 / body.length))
    decoder.push(new TextEncoder().encode(head), emit)
    const before = heapMb()
    for (let pushed = 0; pushed < 64e6; pushed += chunk.length) decoder.push(chunk, emit)
    expect(heapMb() - before).toBeLessThan(4)
  })

const mib = 1_048_576
const held: [string, IncrementalDecoder<unknown>, string, string][] = [
  ["an NDJSON line", new NdjsonDecoder(), '"', "x"],
  ["an SSE data line", new SseDecoder(), "data:", "x"],
  ["an SSE data line, not ASCII", new SseDecoder(), "data:", "é"],
  ["an SSE id", new SseDecoder(), "id:", "x"],
  ["an SSE comment that is asked for", new SseDecoder({ onComment: () => {} }), ":", "x"],
  ["empty SSE data lines", new SseDecoder(), "", "data\n"],
  ["short SSE data lines", new SseDecoder(), "", "data:xy\n"],
  ["a JSON value", new JsonDecoder({ maxBytes: mib }), '"', "x"],
  ["a JSON element", new JsonElementDecoder(), '["', "x"],
  ["a JSON sequence element", new JsonSequenceDecoder(), '\x1e"', "x"],
  ["a JSON sequence element of short lines", new JsonSequenceDecoder(), "\x1e[", "1,\n"],
  ["a line of text", new LineDecoder(), "", "x"],
  ["a line of bytes", new ByteLineDecoder(), "", "x"],
  ["a frame", new FrameDecoder({ maxFrameBytes: mib }), "\0\x10\0\0", "x"],
]

for (const [name, decoder, head, body] of held)
  test(`${name} up to its limit takes a few times the limit, however small the chunks are`, () => {
    const emit = (): void => {}
    const chunk = new TextEncoder().encode(body)
    const before = heapMb()
    decoder.push(new TextEncoder().encode(head), emit)
    for (let pushed = head.length; pushed < mib - 8; pushed += chunk.length)
      decoder.push(chunk, emit)
    const taken = heapMb() - before
    expect(taken).toBeGreaterThan(0.2)
    expect(taken).toBeLessThan(4)
    // Until here it is held.
    decoder.push(new Uint8Array(0), emit)
  })

test("a frame takes memory as its bytes come, whatever its prefix says", () => {
  const decoder = new FrameDecoder({ maxFrameBytes: Number.POSITIVE_INFINITY })
  const before = heapMb()
  decoder.push(Uint8Array.of(0x7f, 0xff, 0xff, 0xff), () => {})
  decoder.push(new Uint8Array(100_000), () => {})
  expect(heapMb() - before).toBeLessThan(1)
})

test("a decoder that goes on keeps no memory of a line that was long", () => {
  const decoders = Array.from({ length: 8 }, () => new LineDecoder())
  const before = heapMb()
  for (const decoder of decoders) {
    const chunk = new Uint8Array(1000).fill(0x78)
    for (let pushed = 0; pushed < 1_000_000; pushed += 1000) decoder.push(chunk, () => {})
    decoder.push(Uint8Array.of(10, 0x78), () => {})
  }
  expect(heapMb() - before).toBeLessThan(1)
  expect(decoders).toHaveLength(8)
})

for (const [name, end] of [
  ["was cancelled", (reader) => reader.cancel()],
  ["has failed", (reader) => reader.read().catch(() => {})],
  ["has closed", (reader) => reader.closed],
] as [string, (reader: ReadableStreamDefaultReader<unknown>) => Promise<unknown>][])
  test(`an event stream that is kept when it ${name} holds nothing of its last event`, async () => {
    const kept: SseDecoderStream[] = []
    const rest = name === "has failed" ? ["data: ", "x".repeat(10)] : []
    const before = heapMb()
    for (let n = 0; n < 16; n++) {
      const stage = new SseDecoderStream({ maxEventBytes: 1_000_020 })
      kept.push(stage)
      const line = `data: ${"x".repeat(500_000)}`
      const isOpen = name === "was cancelled"
      const chunks = [`${line}\n${line}`, ...rest].map((text) => new TextEncoder().encode(text))
      const reader = fromPull<Uint8Array>({
        pull(controller) {
          const chunk = chunks.shift()
          if (chunk !== undefined) controller.enqueue(chunk)
          else if (!isOpen) controller.close()
        },
      })
        .pipeThrough(stage)
        .getReader()
      reader.closed.catch(() => {})
      if (name !== "has failed") void reader.read()
      await new Promise((resolve) => setImmediate(resolve))
      await end(reader)
    }
    expect(kept).toHaveLength(16)
    expect(heapMb() - before).toBeLessThan(4)
  })

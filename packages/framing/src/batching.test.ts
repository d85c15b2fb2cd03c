import { from, toArray } from "@bellmouth/core"
import { expect, test } from "vitest"
import { JsonElementArrayEncoderStream } from "./json-elements/json-element-array-encoder-stream.ts"
import { JsonElementEncoderStream } from "./json-elements/json-element-encoder-stream.ts"
import { JsonSequenceArrayEncoderStream } from "./json-sequence/json-sequence-array-encoder-stream.ts"
import { JsonSequenceEncoderStream } from "./json-sequence/json-sequence-encoder-stream.ts"
import { NdjsonArrayEncoderStream } from "./ndjson/ndjson-array-encoder-stream.ts"
import { NdjsonEncoderStream } from "./ndjson/ndjson-encoder-stream.ts"
import { SseArrayEncoderStream } from "./sse/sse-array-encoder-stream.ts"
import { SseEncoderStream } from "./sse/sse-encoder-stream.ts"

interface Batching {
  stream(): ReadableWritablePair<Uint8Array, unknown>
  arrays(): ReadableWritablePair<Uint8Array, unknown>
  /** The value that stands for a text. */
  value(text: string): unknown
  /** What the first value is written as, what a later one is, and what ends the stream. */
  first(text: string): string
  later(text: string): string
  end: string
}

const batching: Record<string, Batching> = {
  Ndjson: {
    stream: () => new NdjsonEncoderStream(),
    arrays: () => new NdjsonArrayEncoderStream(),
    value: (text) => text,
    first: (text) => `"${text}"\n`,
    later: (text) => `"${text}"\n`,
    end: "",
  },
  JsonSequence: {
    stream: () => new JsonSequenceEncoderStream(),
    arrays: () => new JsonSequenceArrayEncoderStream(),
    value: (text) => text,
    first: (text) => `\x1e"${text}"\n`,
    later: (text) => `\x1e"${text}"\n`,
    end: "",
  },
  JsonElement: {
    stream: () => new JsonElementEncoderStream(),
    arrays: () => new JsonElementArrayEncoderStream(),
    value: (text) => text,
    first: (text) => `["${text}"`,
    later: (text) => `,"${text}"`,
    end: "]",
  },
  Sse: {
    stream: () => new SseEncoderStream(),
    arrays: () => new SseArrayEncoderStream(),
    value: (text) => ({ data: text }),
    first: (text) => `data: ${text}\n\n`,
    later: (text) => `data: ${text}\n\n`,
    end: "",
  },
}

const textOf = (chunks: readonly Uint8Array[]): string[] =>
  chunks.map((chunk) => new TextDecoder().decode(chunk))

for (const [name, { stream, arrays, value, first, later, end }] of Object.entries(batching)) {
  test(`${name}EncoderStream gives one chunk for what is at hand`, async () => {
    const chunks = await toArray(from(["a", "b", "c"].map(value)).pipeThrough(stream()))
    expect(textOf(chunks)).toEqual([first("a") + later("b") + later("c") + end])
  })

  test(`${name}EncoderStream waits for nothing where its consumer does`, async () => {
    const { readable, writable } = stream()
    const reader = readable.getReader()
    const writer = writable.getWriter()
    for (const [index, text] of ["a", "b", "c"].entries()) {
      const [read] = await Promise.all([reader.read(), writer.write(value(text))])
      expect(textOf([read.value ?? new Uint8Array()])).toEqual([
        index === 0 ? first(text) : later(text),
      ])
    }
  })

  test(`${name}EncoderStream keeps the order of long values among short ones`, async () => {
    const long = "x".repeat(200_000)
    const texts = ["a", long, "b", "c", long, long, "d"]
    const chunks = textOf(await toArray(from(texts.map(value)).pipeThrough(stream())))
    const [one = "", ...more] = texts
    expect(chunks.join("")).toBe(first(one) + more.map(later).join("") + end)
    expect(chunks.length).toBeLessThanOrEqual(texts.length + 1)
  })

  test(`${name}ArrayEncoderStream gives one chunk for each array, and none for an empty one`, async () => {
    const chunks = await toArray(
      from([["a", "b"], [], ["c"]].map((all) => all.map(value))).pipeThrough(arrays()),
    )
    expect(textOf(chunks)).toEqual(
      [first("a") + later("b"), later("c"), end].filter((text) => text !== ""),
    )
  })
}

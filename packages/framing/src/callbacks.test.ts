import { expect, test } from "vitest"
import { JsonElementDecoderStream } from "./json-elements/json-element-decoder-stream.ts"
import { JsonSequenceDecoderStream } from "./json-sequence/json-sequence-decoder-stream.ts"
import { LineDecoderStream } from "./lines/line-decoder-stream.ts"
import { NdjsonArrayDecoderStream } from "./ndjson/ndjson-array-decoder-stream.ts"
import { NdjsonDecoderStream } from "./ndjson/ndjson-decoder-stream.ts"
import { NdjsonEncoderStream } from "./ndjson/ndjson-encoder-stream.ts"
import { SseDecoderStream } from "./sse/sse-decoder-stream.ts"

type Pair = ReadableWritablePair<unknown, unknown>

interface Called {
  /** Makes a stream that calls `call` once, while it handles the second of three chunks. */
  create(call: () => void): Pair
  chunks: readonly unknown[]
  /** What the chunks give, those of the second after the call apart. */
  values: readonly [before: unknown[], after: unknown[], last: unknown[]]
}

const bytes = (...texts: string[]): Uint8Array[] =>
  texts.map((text) => new TextEncoder().encode(text))

/** Parses, and calls back at a 2. */
const parsing = (call: () => void) => (text: string) => {
  if (text.trim() === "2") call()
  return JSON.parse(text) as unknown
}

const event = (data: string) => ({ type: "message", data, lastEventId: "" })

const called: Record<string, Called> = {
  "a parse of NDJSON": {
    create: (call) => new NdjsonDecoderStream({ parse: parsing(call) }),
    chunks: bytes("0\n", "1\n2\n3\n", "4\n"),
    values: [[0, 1], [2, 3], [4]],
  },
  "a policy of NDJSON": {
    create: (call) => new NdjsonDecoderStream({ onError: call }),
    chunks: bytes("0\n", "1\nbad\n3\n", "4\n"),
    values: [[0, 1], [3], [4]],
  },
  "a policy of NDJSON arrays": {
    create: (call) => new NdjsonArrayDecoderStream({ onError: call }),
    chunks: bytes("0\n", "1\nbad\n3\n", "4\n"),
    values: [[[0]], [[1, 3]], [[4]]],
  },
  "a policy of JSON sequences": {
    create: (call) => new JsonSequenceDecoderStream({ onError: call }),
    chunks: bytes("\x1e0\n", "\x1e1\n\x1ebad\n\x1e3\n", "\x1e4\n"),
    values: [[0, 1], [3], [4]],
  },
  "a parse of JSON elements": {
    create: (call) => new JsonElementDecoderStream({ parse: parsing(call) }),
    chunks: bytes("[0,", "1,2,3", ",4]"),
    values: [[0, 1], [2], [3, 4]],
  },
  "a policy of lines": {
    create: (call) => new LineDecoderStream({ maxLineBytes: 2, onError: call }),
    chunks: bytes("0\n", "1\nbad\n3\n", "4\n"),
    values: [["0", "1"], ["3"], ["4"]],
  },
  "a comment's callback": {
    create: (call) => new SseDecoderStream({ onComment: call }),
    chunks: bytes("data: 0\n\n", "data: 1\n\n: c\ndata: 3\n\n", "data: 4\n\n"),
    values: [[event("0"), event("1")], [event("3")], [event("4")]],
  },
  "a retry's callback": {
    create: (call) => new SseDecoderStream({ onRetry: call }),
    chunks: bytes("data: 0\n\n", "data: 1\n\nretry: 5\ndata: 3\n\n", "data: 4\n\n"),
    values: [[event("0"), event("1")], [event("3")], [event("4")]],
  },
}

/** Writes all chunks and reads all values, with something done while the second chunk is handled. */
async function run({ create, chunks }: Called, act: (ends: Ends) => unknown): Promise<Outcome> {
  const ends: { current?: Ends } = {}
  const acts: unknown[] = []
  const { readable, writable } = create(() => {
    if (ends.current) acts.push(act(ends.current))
  })
  const reader = readable.getReader()
  const writer = writable.getWriter()
  ends.current = { reader, writer }
  for (const { closed } of [reader, writer]) closed.catch(() => {})
  const values: unknown[] = []
  const read = async (): Promise<void> => {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      values.push(value)
    }
  }
  const write = async (): Promise<void> => {
    for (const chunk of chunks) await writer.write(chunk)
    await writer.close()
  }
  const [readEnd, writeEnd] = await Promise.allSettled([read(), write()])
  expect(acts).toHaveLength(1)
  const [acted] = await Promise.allSettled(acts)
  return { values, ends: [readEnd, writeEnd, acted].map(reasonOf) }
}

interface Ends {
  reader: ReadableStreamDefaultReader<unknown>
  writer: WritableStreamDefaultWriter<unknown>
}

interface Outcome {
  values: unknown[]
  /** Why reading, writing and the act failed, if they did. */
  ends: unknown[]
}

const reasonOf = (result: PromiseSettledResult<unknown> | undefined): unknown =>
  result?.status === "rejected" ? result.reason : undefined

const none = undefined

for (const [name, each] of Object.entries(called)) {
  const [before, after, last] = each.values

  test(`${name} may cancel its stream`, async () => {
    const { values, ends } = await run(each, ({ reader }) => reader.cancel("enough"))
    // An array that is not given yet is what is cancelled.
    expect(values).toEqual(before.slice(0, values.length))
    expect(values.length).toBeGreaterThan(0)
    expect(ends).toEqual([none, "enough", none])
  })

  test(`${name} may abort its stream`, async () => {
    const { values, ends } = await run(each, ({ writer }) => writer.abort("broken"))
    expect(values).toEqual([...before, ...after].slice(0, values.length))
    expect(ends).toEqual(["broken", "broken", none])
  })

  test(`${name} may write to its stream`, async () => {
    const { values, ends } = await run(each, ({ writer }) => writer.write(new Uint8Array(0)))
    expect(values).toEqual([...before, ...after, ...last])
    expect(ends).toEqual([none, none, none])
  })

  test(`${name} may read from its stream`, async () => {
    const { values, ends } = await run(each, ({ reader }) => reader.read())
    expect(values).toHaveLength(before.length + after.length + last.length - 1)
    expect(ends).toEqual([none, none, none])
  })
}

test("a toJSON may cancel, abort and write to the stream that encodes its value", async () => {
  for (const [act, text, reasons] of [
    [({ reader }) => reader.cancel("enough"), "0\n", [none, "enough", none]],
    [({ writer }) => writer.abort("broken"), "0\n5\n", ["broken", "broken", none]],
    [({ writer }) => writer.write(7), "0\n5\n7\n9\n", [none, none, none]],
  ] as [(ends: Ends) => unknown, string, unknown[]][]) {
    let call = (): void => {}
    const value = { toJSON: () => (call(), 5) }
    const create = (found: () => void): Pair => {
      call = found
      return new NdjsonEncoderStream()
    }
    const { values, ends } = await run({ create, chunks: [0, value, 9], values: [[], [], []] }, act)
    const chunks = values as Uint8Array[]
    expect(chunks.map((chunk) => new TextDecoder().decode(chunk)).join("")).toBe(text)
    expect(ends).toEqual(reasons)
  }
})

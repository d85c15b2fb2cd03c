import { expect, test } from "vitest"
import { FrameDecoder } from "./frames/frame-decoder.ts"
import { FrameDecoderStream } from "./frames/frame-decoder-stream.ts"
import { JsonElementDecoder } from "./json-elements/json-element-decoder.ts"
import { JsonElementDecoderStream } from "./json-elements/json-element-decoder-stream.ts"
import { JsonSequenceDecoder } from "./json-sequence/json-sequence-decoder.ts"
import { JsonSequenceDecoderStream } from "./json-sequence/json-sequence-decoder-stream.ts"
import { ByteLineDecoder } from "./lines/byte-line-decoder.ts"
import { ByteLineDecoderStream } from "./lines/byte-line-decoder-stream.ts"
import { LineDecoder } from "./lines/line-decoder.ts"
import { LineDecoderStream } from "./lines/line-decoder-stream.ts"
import { NdjsonDecoder } from "./ndjson/ndjson-decoder.ts"
import { NdjsonDecoderStream } from "./ndjson/ndjson-decoder-stream.ts"
import { SseDecoder } from "./sse/sse-decoder.ts"
import { SseDecoderStream } from "./sse/sse-decoder-stream.ts"
import type { IncrementalDecoder } from "./transformers/incremental-decoder.ts"

interface Prompt {
  create(): IncrementalDecoder<unknown>
  stream(): ReadableWritablePair<unknown, Uint8Array>
  /** Each part gives one value, with its last byte. */
  inputs: readonly (readonly string[])[]
}

const varint = { prefix: "varint" } as const

const prompt: Record<string, Prompt> = {
  NDJSON: {
    create: () => new NdjsonDecoder(),
    stream: () => new NdjsonDecoderStream(),
    inputs: [['{"a":"é"}\n', "2\r\n", "\n \r\n3\n"]],
  },
  SSE: {
    create: () => new SseDecoder(),
    stream: () => new SseDecoderStream(),
    inputs: [
      ["data: 1\n\n", "data: 2\n\n"],
      // The LF of a CRLF that ends an event is not waited for.
      ["data: 1\r\n\r", "\ndata: 2\r\n\r", "\n: c\r\ndata: 3\r\n\r"],
      ["data: 1\r\r", "data: 2\n\r", "data: 3\r\n\n", "id: 4\r\rdata\r\r"],
    ],
  },
  "JSON elements": {
    create: () => new JsonElementDecoder(),
    stream: () => new JsonElementDecoderStream(),
    inputs: [["[1,", ' "a,]" ,', "[2,{}],", "3]"]],
  },
  "JSON sequences": {
    create: () => new JsonSequenceDecoder(),
    stream: () => new JsonSequenceDecoderStream(),
    inputs: [["\x1e1\n", '\x1e{"a":\n1}\n', '\n\x1e"\\n"\n']],
  },
  "lines of text": {
    create: () => new LineDecoder(),
    stream: () => new LineDecoderStream(),
    inputs: [["a\n", "\n", "é\r\n"]],
  },
  "lines of bytes": {
    create: () => new ByteLineDecoder(),
    stream: () => new ByteLineDecoderStream(),
    inputs: [["a\n", "\n", "é\r\n"]],
  },
  frames: {
    create: () => new FrameDecoder(varint),
    stream: () => new FrameDecoderStream(varint),
    inputs: [["\x01a", "\x00", "\x02é"]],
  },
}

for (const [name, { create, stream, inputs }] of Object.entries(prompt)) {
  test(`a value of ${name} is given with its last byte, and not before`, () => {
    for (const parts of inputs) {
      const decoder = create()
      let values = 0
      for (const [index, part] of parts.entries()) {
        const bytes = new TextEncoder().encode(part)
        for (const byte of bytes) {
          expect(values).toBe(index)
          decoder.push(Uint8Array.of(byte), () => values++)
        }
        expect(values).toBe(index + 1)
      }
    }
  })

  test(`a value of ${name} can be read while its source is idle`, async () => {
    for (const parts of inputs) {
      const { readable, writable } = stream()
      const writer = writable.getWriter()
      const reader = readable.getReader()
      for (const part of parts) {
        const [{ done }] = await Promise.all([
          reader.read(),
          writer.write(new TextEncoder().encode(part)),
        ])
        expect(done).toBe(false)
      }
      await reader.cancel()
    }
  })
}

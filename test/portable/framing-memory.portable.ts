import {
  decodeByteLines,
  decodeFrames,
  decodeJson,
  decodeJsonElements,
  decodeJsonSequence,
  decodeLines,
  decodeNdjson,
  decodeSse,
  encodeFrames,
  encodeLines,
} from "@bellmouth/framing"
import { hex } from "../../packages/framing/testing/cuts.ts"
import { equal, ok, thrown } from "./assert.ts"
import { type PortableSuite, type PortableTest, skip } from "./suite.ts"

type Codec = (bytes: Uint8Array) => unknown

const codecs: Readonly<Record<string, readonly [codec: Codec, text: string]>> = {
  decodeNdjson: [decodeNdjson, '{"a":"é"}\n2\n3'],
  "decodeNdjson of many lines": [decodeNdjson, '{"a":"é"}\n'.repeat(600)],
  decodeSse: [decodeSse, "id: 1\ndata: é\n\n: c\ndata: b\n\nda"],
  decodeJson: [decodeJson, '{"a":"é"}'],
  decodeJsonElements: [decodeJsonElements, '["é",2]'],
  decodeJsonSequence: [decodeJsonSequence, '\x1e"é"\n\x1e2\n'],
  decodeLines: [decodeLines, "é\nb\nc"],
  decodeByteLines: [(bytes) => decodeByteLines(bytes).map(hex), "é\nb\nc"],
  decodeFrames: [(bytes) => decodeFrames(bytes).map(hex), "\0\0\0\x02é\0\0\0\0"],
  encodeLines: [(bytes) => hex(encodeLines([bytes])), "é"],
  encodeFrames: [(bytes) => hex(encodeFrames([bytes])), "é"],
}

function copied(bytes: Uint8Array, buffer: ArrayBufferLike, at = 0): Uint8Array {
  const copy = new Uint8Array(buffer, at, bytes.length)
  copy.set(bytes)
  return copy
}

const memories: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array>> = {
  "the middle of a buffer": (bytes) => copied(bytes, new ArrayBuffer(bytes.length + 16), 8),
  "shared memory": (bytes) => {
    if (typeof SharedArrayBuffer === "undefined") skip("there is no shared memory")
    return copied(bytes, new SharedArrayBuffer(bytes.length))
  },
  "memory that can grow": (bytes) => {
    const options = { maxByteLength: bytes.length + 16 }
    const Resizable = ArrayBuffer as new (length: number, options: object) => ArrayBuffer
    return copied(bytes, new Resizable(bytes.length, options))
  },
}

/** Either it is taken as any other, or the platform's decoder has refused it. */
function sameOrRefused(memory: (bytes: Uint8Array) => Uint8Array): PortableTest {
  return () => {
    let taken = 0
    for (const [name, [codec, text]] of Object.entries(codecs)) {
      const bytes = new TextEncoder().encode(text)
      const wanted = codec(bytes)
      const chunk = memory(bytes)
      try {
        equal(codec(chunk), wanted, `value of ${name}`)
        taken++
      } catch (error) {
        if (!(error instanceof TypeError)) throw error
      }
    }
    ok(taken > 5, `Only ${taken} took it`)
  }
}

const transferred: PortableTest = () => {
  for (const [name, [codec, text]] of Object.entries(codecs)) {
    const bytes = new TextEncoder().encode(text)
    structuredClone(bytes, { transfer: [bytes.buffer] })
    ok(thrown(() => codec(bytes)) instanceof TypeError, `${name} took bytes that were transferred`)
  }
}

export const suite: PortableSuite = {
  name: "framing: kinds of memory",
  tests: {
    ...Object.fromEntries(
      Object.entries(memories).map(([name, memory]) => [
        `Bytes in ${name} are decoded as any others, or refused as such`,
        sameOrRefused(memory),
      ]),
    ),
    "Bytes that were transferred are refused": transferred,
  },
}

import { duplexPair } from "@bellmouth/core"
import {
  decodeOmnistreamsFrame,
  encodeOmnistreamsFrame,
  type OmnistreamsFrame,
  omnistreams,
} from "@bellmouth/mux/omnistreams"
import vectorsFile from "../vectors/mux/omnistreams.json" with { type: "json" }
import { equal, ok, rejection, same } from "./assert.ts"
import { toBytes } from "./mux-frames.ts"
import type { PortableSuite } from "./suite.ts"

/** A frame as the vectors write it. */
interface FrameVector {
  readonly type: string
  readonly id?: number
  readonly items?: number
  readonly metadata?: string
  readonly payload?: string
}

interface Vectors {
  readonly frames: readonly { name: string; hex: string; frame: FrameVector }[]
  readonly invalid: readonly { name: string; messages: readonly string[]; code: string }[]
}

const { frames, invalid }: Vectors = vectorsFile

function toFrame({ type, id = 0, items = 0, ...bytes }: FrameVector): OmnistreamsFrame {
  const payload = toBytes(bytes.payload ?? "")
  switch (type) {
    case "open":
      return { type, id, metadata: toBytes(bytes.metadata ?? "") }
    case "data":
      return { type, id, payload }
    case "end":
    case "cancel":
      return { type, id }
    case "request":
      return { type, id, items }
    case "message":
      return { type, payload }
    default:
      throw new Error(`The vectors have a frame of type ${type}`)
  }
}

function owned(frame: OmnistreamsFrame): OmnistreamsFrame {
  if ("payload" in frame) return { ...frame, payload: frame.payload.slice() }
  return "metadata" in frame ? { ...frame, metadata: frame.metadata.slice() } : frame
}

/** A session that nobody reads receives the messages: it fails, and breaks the transport off. */
async function endsWith(messages: readonly string[], code: string, name: string): Promise<void> {
  const [here, there] = duplexPair<Uint8Array>()
  const { closed } = omnistreams(here)
  const writer = there.writable.getWriter()
  writer.closed.catch(() => {}) // it is broken off
  for (const message of messages) writer.write(toBytes(message)).catch(() => {}) // as above
  for (const error of [
    await rejection(closed),
    await rejection(there.readable.getReader().read()),
  ]) {
    same(Reflect.get(Object(error), "code"), code, `code for ${name}`)
  }
}

export const suite: PortableSuite = {
  name: "mux: vectors of omnistreams",
  tests: {
    "Every message is read and written as its vector": () => {
      for (const { name, hex, frame } of frames) {
        equal(owned(decodeOmnistreamsFrame(toBytes(hex))), toFrame(frame), `frame of ${name}`)
        equal(encodeOmnistreamsFrame(toFrame(frame)), toBytes(hex), `bytes of ${name}`)
      }
      ok(frames.length > 10, "There are too few vectors")
    },
    "What breaks a rule ends the session, and the transport": async () => {
      for (const { name, messages, code } of invalid) await endsWith(messages, code, name)
      ok(invalid.length > 15, "There are too few vectors")
    },
  },
}

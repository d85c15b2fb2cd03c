import { encodeFrame } from "@bellmouth/mux"
import framesFile from "../vectors/mux/frames.json" with { type: "json" }
import invalidFile from "../vectors/mux/invalid.json" with { type: "json" }
import resumeFile from "../vectors/mux/resume.json" with { type: "json" }
import scriptsFile from "../vectors/mux/scripts.json" with { type: "json" }
import splitsFile from "../vectors/mux/splits.json" with { type: "json" }
import { equal, ok, same } from "./assert.ts"
import { type HelloLimits, MuxEnd } from "./mux-end.ts"
import {
  type BytesVector,
  decodeFrames,
  type FrameVector,
  joinBytes,
  toBytes,
  toFrame,
} from "./mux-frames.ts"
import { type ResumeScript, runResumeScript } from "./mux-resume-script.ts"
import { runScript, type Script } from "./mux-script.ts"
import type { PortableSuite, PortableTest } from "./suite.ts"

interface BytesAndFrames {
  readonly name: string
  readonly hex: string
  readonly then?: BytesVector
  readonly frames: readonly FrameVector[]
}

interface Invalid {
  readonly name: string
  readonly hello: HelloLimits
  readonly hex: string
  readonly code: number
}

const frames: readonly BytesAndFrames[] = framesFile
const splits: readonly BytesAndFrames[] = splitsFile
const invalid: readonly Invalid[] = invalidFile
const scripts: readonly Script[] = scriptsFile
const resumes: readonly ResumeScript[] = resumeFile

function bytesOf({ hex, then = "" }: BytesAndFrames): Uint8Array {
  return joinBytes([toBytes(hex), toBytes(then)])
}

function cut(bytes: Uint8Array, size: number): Uint8Array[] {
  const chunks: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.slice(at, at + size))
  return chunks
}

async function endsWithCode({ hello, hex, code, name }: Invalid, size: number): Promise<void> {
  const end = new MuxEnd(hello)
  end.session.serve(() => new Promise(() => {}))
  for (const chunk of cut(toBytes(hex), size)) end.push(chunk)
  const last = (await end.sent()).at(-1)
  same(last?.type, "goaway", `last frame for ${name}`)
  if (last?.type === "goaway") same(last.code, code, `code for ${name}`)
  ok(end.isOver, `The session goes on after ${name}`)
}

const scriptTests = scripts.map((script): [string, PortableTest] => [
  `A session keeps to the script: ${script.name}`,
  () => runScript(script),
])

const resumeTests = resumes.map((script): [string, PortableTest] => [
  `A session that may be resumed keeps to the script: ${script.name}`,
  () => runResumeScript(script),
])

export const suite: PortableSuite = {
  name: "mux: vectors",
  tests: {
    "Every frame is read and written as its vector": () => {
      for (const vector of frames) {
        const bytes = bytesOf(vector)
        const wanted = vector.frames.map(toFrame)
        equal(decodeFrames([bytes]), wanted, `frames of ${vector.name}`)
        equal(joinBytes(wanted.map(encodeFrame)), bytes, `bytes of ${vector.name}`)
      }
      ok(frames.length > 25, "There are too few vectors")
    },
    "Any cut gives the same frames": () => {
      for (const vector of splits) {
        const bytes = bytesOf(vector)
        const wanted = vector.frames.map(toFrame)
        equal(decodeFrames(cut(bytes, 1)), wanted, "frames of single bytes")
        for (let at = 0; at <= bytes.length; at++) {
          const chunks = [bytes.slice(0, at), new Uint8Array(), bytes.slice(at)]
          equal(decodeFrames(chunks), wanted, `frames of a cut at ${at}`)
        }
      }
    },
    "What breaks a rule ends the session with its code, whole and in any cut": async () => {
      for (const size of [1, 7, 2 ** 20]) {
        await Promise.all(invalid.map((vector) => endsWithCode(vector, size)))
      }
      ok(invalid.length > 50, "There are too few vectors")
    },
    "A session keeps to every script, also when what comes is cut to pieces": async () => {
      await Promise.all(scripts.map((script) => runScript(script, true)))
      ok(scripts.length > 35, "There are too few scripts")
    },
    ...Object.fromEntries(scriptTests),
    ...Object.fromEntries(resumeTests),
  },
}

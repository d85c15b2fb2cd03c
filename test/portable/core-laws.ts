import {
  asyncStage,
  batch,
  compose,
  drop,
  filter,
  flatMap,
  limitBytes,
  map,
  pipe,
  rechunk,
  StreamError,
  scan,
  stage,
  take,
  tap,
} from "@bellmouth/core"
import type { Law, LawResult, Subject } from "@bellmouth/core/testing"
import { late, lines, passing, probed, strict, tripling } from "./core-law-stages.ts"

const numbers: readonly number[] = [1, 2, 3, 4, 5, 6, 7, 8]

const negative = (reason: unknown): boolean => reason instanceof RangeError
const twice = (chunks: readonly number[]): number[] => chunks.flatMap((chunk) => [chunk, chunk])
const thrice = (chunks: readonly number[]): number[] =>
  chunks.flatMap((chunk) => [chunk, chunk, chunk])
const three = { stages: 3 }

const text: Subject<string, string> = {
  create: () =>
    compose(
      stage(lines()),
      map((line: string) => line),
    ),
  inputs: ["one\ntwo\n", "three\n", "four\n", "\nfi", "ve"],
  outputs: ["one", "two", "three", "four", "", "five"],
  splits: "text",
  limits: { stages: 2 },
}

const subjects: Readonly<Record<string, Subject<number, unknown>>> = {
  "a stage that passes through": {
    create: (probe) => stage(probed(probe, passing())),
    inputs: numbers,
    outputs: numbers,
    probed: true,
  },
  "a stage that makes three of one": {
    create: (probe) => stage(probed(probe, tripling())),
    inputs: numbers,
    outputs: thrice,
    probed: true,
  },
  "a stage that holds one until close": {
    create: (probe) => stage(probed(probe, late())),
    inputs: numbers,
    outputs: numbers,
    probed: true,
  },
  "a stage that fails": {
    create: (probe) => stage(probed(probe, strict())),
    inputs: numbers,
    outputs: twice,
    probed: true,
    failing: { input: -1, outputs: [-1, -1], isExpected: negative },
  },
  "a stage with a queue at both ends": {
    create: (probe) =>
      stage(probed(probe, tripling()), {
        writableStrategy: { highWaterMark: 2 },
        readableStrategy: { highWaterMark: 2 },
      }),
    inputs: numbers,
    outputs: thrice,
    probed: true,
    limits: { readAhead: 2, queuedOutputs: 2 },
  },
  "three stages, composed": {
    create: (probe) =>
      compose(
        stage(probed(probe, strict())),
        stage(probed(probe, passing())),
        stage(probed(probe, passing())),
      ),
    inputs: numbers,
    outputs: twice,
    probed: true,
    limits: three,
    failing: { input: -1, outputs: [-1, -1], isExpected: negative },
  },
  "three stages, fused by pipeThrough": {
    create: (probe) => {
      const first = stage(probed(probe, passing()))
      return {
        writable: first.writable,
        readable: first.readable
          .pipeThrough(stage(probed(probe, strict())))
          .pipeThrough(stage(probed(probe, passing()))),
      }
    },
    inputs: numbers,
    outputs: twice,
    probed: true,
    limits: three,
    failing: { input: -1, outputs: [-1, -1], isExpected: negative },
  },
  "three stages, by pipe()": {
    create: (probe) =>
      compose(
        stage(probed(probe, passing())),
        stage(probed(probe, strict())),
        stage(probed(probe, passing())),
      ),
    through: (readable, probe) =>
      pipe(
        readable,
        stage(probed(probe, passing())),
        stage(probed(probe, strict())),
        stage(probed(probe, passing())),
      ),
    inputs: numbers,
    outputs: twice,
    probed: true,
    limits: three,
    failing: { input: -1, outputs: [-1, -1], isExpected: negative },
  },
  "two expanders in a row": {
    create: (probe) => compose(stage(probed(probe, tripling())), stage(probed(probe, tripling()))),
    inputs: numbers,
    outputs: (chunks) => thrice(thrice(chunks)),
    probed: true,
    limits: { stages: 2, callsPerRead: 2 },
  },
  "an asynchronous stage": {
    create: (probe) =>
      asyncStage<number, number>({
        transform: async (chunk, controller) => {
          probe.transformed()
          await Promise.resolve()
          controller.enqueue(chunk)
          await Promise.resolve()
          controller.enqueue(chunk)
          if (chunk < 0) throw new RangeError("a negative chunk")
        },
        cancel: (reason) => probe.cancelled(reason),
      }),
    inputs: numbers,
    outputs: twice,
    probed: true,
    failing: { input: -1, outputs: [-1, -1], isExpected: negative },
  },
  "an asynchronous stage between two that fuse": {
    create: (probe) => {
      const first = stage(probed(probe, passing()))
      const middle = asyncStage<number, number>({
        transform: async (chunk, controller) => {
          probe.transformed()
          await Promise.resolve()
          controller.enqueue(chunk)
        },
        cancel: (reason) => probe.cancelled(reason),
      })
      const last = stage(probed(probe, tripling()))
      return {
        writable: first.writable,
        readable: first.readable.pipeThrough(middle).pipeThrough(last),
      }
    },
    inputs: numbers,
    outputs: thrice,
    probed: true,
    limits: three,
  },
  map: {
    create: () => map((chunk: number) => chunk * 2),
    inputs: numbers,
    outputs: numbers.map((chunk) => chunk * 2),
  },
  filter: {
    create: () => filter((chunk: number) => chunk % 2 === 1),
    inputs: numbers,
    outputs: [1, 3, 5, 7],
  },
  flatMap: {
    create: () => flatMap((chunk: number) => Array.from({ length: chunk % 3 }, () => chunk)),
    inputs: numbers,
    outputs: [1, 2, 2, 4, 5, 5, 7, 8, 8],
  },
  scan: {
    create: () => scan((sum: number, chunk: number) => sum + chunk, 0),
    inputs: numbers,
    outputs: [1, 3, 6, 10, 15, 21, 28, 36],
  },
  drop: { create: () => drop<number>(3), inputs: numbers, outputs: [4, 5, 6, 7, 8] },
  take: { create: () => take<number>(3), inputs: numbers, outputs: [1, 2, 3] },
  tap: { create: () => tap<number>({ chunk: () => {} }), inputs: numbers, outputs: numbers },
  "batch(3)": {
    create: () => batch<number>(3),
    inputs: numbers,
    outputs: [numbers],
    joins: "arrays",
  },
  "take behind filter, before batch": {
    create: () =>
      compose(
        filter((chunk: number) => chunk % 2 === 1),
        take<number>(2),
        batch<number>(2),
      ),
    inputs: numbers,
    outputs: [[1, 3]],
    joins: "arrays",
    limits: three,
  },
}

const letters = ["abc", "defgh", "i", "jklmnop", "q"].map((part) => new TextEncoder().encode(part))

/** Byte stages, whose cuts do not matter on either side. */
const byteSubjects: Readonly<Record<string, Subject<Uint8Array, Uint8Array>>> = {
  "rechunk(4)": {
    create: () => rechunk(4),
    inputs: letters,
    outputs: letters,
    splits: "bytes",
    joins: "bytes",
  },
  "limitBytes(100)": {
    create: () => limitBytes(100),
    inputs: letters,
    outputs: letters,
    splits: "bytes",
    joins: "bytes",
    failing: {
      input: new Uint8Array(101),
      outputs: (before) => {
        const passed = before.reduce((sum, { length }) => sum + length, 0)
        return [new Uint8Array(100 - passed)]
      },
      isExpected: (reason) => reason instanceof StreamError && reason.code === "LIMIT_EXCEEDED",
    },
  },
}

/** Runs a law on a stage of core. */
export type Judge = (law: Law) => Promise<LawResult>

/** What the laws are run on: the stages of core, alone, composed, fused and piped. */
export const judges: Readonly<Record<string, Judge>> = {
  ...judgesOf(subjects),
  ...judgesOf(byteSubjects),
  ...judgesOf({ "a splitter of lines before map": text }),
}

function judgesOf<I, O>(
  all: Readonly<Record<string, Subject<I, O>>>,
): Readonly<Record<string, Judge>> {
  const judge = ([name, subject]: [string, Subject<I, O>]): [string, Judge] => [
    name,
    (law) => law.check(subject),
  ]
  return Object.fromEntries(Object.entries(all).map(judge))
}

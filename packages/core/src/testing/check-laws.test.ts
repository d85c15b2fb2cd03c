import { expect, test } from "vitest"
import { type CheckLawsOptions, checkLaws } from "./check-laws.ts"
import { LawError } from "./law-error.ts"
import { laws } from "./laws.ts"
import type { Subject } from "./subject.ts"
import { contentViolators } from "./violators/content.ts"
import { HandPair, type HandTransformer } from "./violators/hand-pair.ts"

const utf8 = new TextEncoder()
const numbers = [1, 2, 3, 4, 5, 6, 7, 8]

const hand =
  <I, O>(stage: () => HandTransformer<I, O>) =>
  (): HandPair<I, O> =>
    new HandPair(stage())

const native =
  <I, O>(transformer: () => Transformer<I, O>) =>
  (): TransformStream<I, O> =>
    new TransformStream(transformer())

async function failureOf<I, O>(
  subject: Subject<I, O>,
  options?: CheckLawsOptions,
): Promise<LawError> {
  try {
    await checkLaws(subject, options)
  } catch (error) {
    if (error instanceof LawError) return error
    throw error
  }
  throw new Error("the subject was to fail")
}

const shapes: Record<string, Omit<Subject<number, unknown>, "create"> & { stage: () => Shape }> = {
  "passes through": {
    stage: () => ({ transform: (chunk, out) => out.enqueue(chunk) }),
    inputs: numbers,
    outputs: numbers,
  },
  "makes three of one, and more at close": {
    stage: () => ({
      transform: (chunk, out) => {
        for (let copy = 0; copy < 3; copy++) out.enqueue(chunk)
      },
      flush: (out) => out.enqueue("end"),
    }),
    inputs: numbers,
    outputs: (inputs) => [...inputs.flatMap((chunk) => [chunk, chunk, chunk]), "end"],
  },
  "drops every other chunk": {
    stage: () => ({ transform: (chunk, out) => void (chunk % 2 && out.enqueue(chunk)) }),
    inputs: numbers,
    outputs: [1, 3, 5, 7],
  },
  "gathers three into one": {
    stage: () => {
      let held: number[] = []
      return {
        transform: (chunk, out) => {
          held.push(chunk)
          if (held.length < 3) return
          out.enqueue(held)
          held = []
        },
        flush: (out) => void (held.length > 0 && out.enqueue(held)),
      }
    },
    inputs: numbers,
    outputs: [
      [1, 2, 3],
      [4, 5, 6],
      [7, 8],
    ],
  },
  "gives one sum at close": {
    stage: () => {
      let sum = 0
      return {
        transform: (chunk) => {
          sum += chunk
        },
        flush: (out) => out.enqueue(sum),
      }
    },
    inputs: numbers,
    outputs: [36],
  },
  "ends by itself after two": {
    stage: () => {
      let seen = 0
      return {
        transform: (chunk, out) => {
          out.enqueue(chunk)
          if (++seen === 2) out.terminate()
        },
      }
    },
    inputs: numbers,
    outputs: [1, 2],
  },
}

interface Shape {
  transform(chunk: number, out: { enqueue(chunk: unknown): void; terminate(): void }): void
  flush?(out: { enqueue(chunk: unknown): void }): void
}

test.for(Object.entries(shapes))("an honest stage that %s passes", async ([, shape]) => {
  const { stage, ...rest } = shape
  const report = await checkLaws<number, unknown>({ ...rest, create: hand(stage) })
  expect(report.held).toBeGreaterThanOrEqual(10)
  expect(report.held + report.skipped).toBe(laws.length)
  expect(report.checks).toBeGreaterThanOrEqual(report.cases)
  expect(report.cases).toBeGreaterThan(50)
})

test.for(Object.entries(shapes))("a native TransformStream that %s passes", async ([, shape]) => {
  const { stage, ...rest } = shape
  const report = await checkLaws<number, unknown>({ ...rest, create: native(stage) })
  expect(report.held).toBeGreaterThanOrEqual(10)
})

test("a native TransformStream departs from deliver-then-fail, as the law's data says", async () => {
  const create = native<number, number>(() => ({
    transform: (chunk, controller) => {
      controller.enqueue(chunk)
      controller.enqueue(chunk)
      if (chunk < 0) throw new RangeError("negative")
    },
  }))
  const outputs = (inputs: readonly number[]) => inputs.flatMap((chunk) => [chunk, chunk])
  const subject = { create, inputs: numbers, outputs, failing: { input: -1, outputs: [-1, -1] } }
  const error = await failureOf(subject)
  expect([error.law, ...error.also]).toEqual(["deliver-then-fail"])
  const law = laws.find(({ name }) => name === "deliver-then-fail")
  expect(law?.departures.map(({ where }) => where)).toEqual(["every"])
  const report = await checkLaws(subject, { except: { "deliver-then-fail": "native" } })
  expect(report.results).toContainEqual({
    law: "deliver-then-fail",
    state: "skipped",
    reason: "native",
  })
})

test("bytes are cut at every place, and outputs joined as text", async () => {
  const report = await checkLaws({
    create: () => new TextDecoderStream(),
    inputs: ["a\u20ac", "b", "c\ud83d\ude00", "d", "e", "f"].map((text) => utf8.encode(text)),
    outputs: ["a\u20acbc\ud83d\ude00def"],
    splits: "bytes",
    joins: "text",
  })
  const chunking = report.results.find(({ law }) => law === "chunking")
  // whole, by ones, by ones with empty chunks, 14 splits, 32 random cuts, one view
  expect(chunking).toEqual({ law: "chunking", state: "held", cases: 50, checks: 100 })
})

test("a transform that waits for tasks passes with turns that wait for tasks", async () => {
  const task = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
  const create = native<number, number>(() => ({
    transform: async (chunk, controller) => {
      await task()
      await task()
      controller.enqueue(chunk)
    },
  }))
  const subject = { create, inputs: numbers, outputs: numbers }
  const report = await checkLaws(subject, { runs: 4, turn: task, quietTurns: 8 })
  expect(report.held).toBeGreaterThanOrEqual(10)
})

test("a broken law names the case, what was expected and seen, and how to replay it", async () => {
  const [violator] = contentViolators.filter(({ law }) => law === "interleaving")
  if (violator === undefined) throw new Error("there is no violator of interleaving")
  const error = await failureOf(violator.subject, { seed: 40 })
  expect(error.message).toMatch(
    /^Cannot uphold law "interleaving": broken in case "seed \d+"; expected .*; seen .*; replay with /,
  )
  const again = await failureOf(violator.subject, {
    only: ["interleaving"],
    seed: error.seed ?? Number.NaN,
    runs: 1,
  })
  expect(error.replay).toBe(`{ only: ["interleaving"], seed: ${error.seed}, runs: 1 }`)
  expect(again.seen).toBe(error.seen)
  expect(again.trace).toEqual(error.trace)
  expect(error.trace.length).toBeGreaterThan(10)
})

test("too few inputs fail as vacuous and say how many are needed", async () => {
  const create = native<number, number>(() => ({}))
  const error = await failureOf({ create, inputs: [1], outputs: [1] })
  expect([error.code, error.law, error.expected]).toEqual([
    "VACUOUS",
    "backpressure",
    "at least 2 inputs",
  ])
  const { code, also } = await failureOf({ create, inputs: [], outputs: [] })
  expect(code).toBe("VACUOUS")
  expect(also).toContain("backpressure")
})

test("a transform that hangs is told from one that works", async () => {
  const create = native<number, number>(() => ({ transform: () => new Promise(() => {}) }))
  const error = await failureOf({ create, inputs: numbers, outputs: numbers })
  expect(error.law).toBe("order")
  expect(error.also).toContain("flush")
})

test("an exception out of `create` is the caller's own", async () => {
  const thrown = new Error("out of handles")
  const create = (): never => {
    throw thrown
  }
  await expect(checkLaws({ create, inputs: [1], outputs: [1] })).rejects.toBe(thrown)
})

test("`only` checks no other law", async () => {
  const create = native<number, number>(() => ({}))
  const { results } = await checkLaws(
    { create, inputs: numbers, outputs: numbers },
    { only: ["flush"] },
  )
  expect(results.map(({ law }) => law)).toEqual(["flush"])
})

test.for([{ runs: 0 }, { quietTurns: 1.5 }, { seed: Number.NaN }])(
  "refuses the options %o",
  async (options) => {
    const create = native<number, number>(() => ({}))
    await expect(
      checkLaws({ create, inputs: numbers, outputs: numbers }, options),
    ).rejects.toBeInstanceOf(RangeError)
  },
)

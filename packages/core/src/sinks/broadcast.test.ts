import fc from "fast-check"
import { expect, test } from "vitest"
import { from } from "../sources/from.ts"
import { ScriptedSource } from "../testing/scripted-source.ts"
import { Turns } from "../testing/turns.ts"
import { type BroadcastOptions, broadcast } from "./broadcast.ts"
import { toArray } from "./to-array.ts"

const turns = new Turns({ turn: () => Promise.resolve(), quietTurns: 32 })
const hundred = Array.from({ length: 100 }, (_, index) => index)

function open(
  count: number,
  options: BroadcastOptions<number> = {},
  ending: "close" | "idle" = "close",
) {
  const source = new ScriptedSource<number>(hundred, ending, () => {})
  const readers = broadcast(source.readable, count, options).map((branch) => branch.getReader())
  const read = async (branch: number) => (await readers[branch]?.read())?.value
  return { source, readers, read }
}

test("every branch gets every chunk, in order, whoever reads when", async () => {
  let reads = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(2), { minLength: 10, maxLength: 80 }),
      fc.integer({ min: 0, max: 5 }),
      async (order, highWaterMark) => {
        const { readers, source } = open(3, { highWaterMark })
        const taken = [0, 0, 0]
        const asked = [0, 0, 0]
        for (const branch of order) {
          asked[branch] = (asked[branch] ?? 0) + 1
          void readers[branch]?.read().then(({ value }) => {
            expect(value).toBe(taken[branch])
            taken[branch] = (taken[branch] ?? 0) + 1
            reads++
          })
          await turns.quiet()
          expect(source.given).toBeLessThanOrEqual(Math.min(...taken) + highWaterMark + 1)
        }
      },
    ),
    { numRuns: 40 },
  )
  expect(reads).toBeGreaterThan(300)
})

test("nothing is read before a branch asks; a stalled branch blocks at highWaterMark", async () => {
  const { source, read, readers } = open(2, { highWaterMark: 3 })
  await turns.quiet()
  expect(source.given).toBe(0)
  for (let n = 0; n < 3; n++) expect(await read(0)).toBe(n)
  const fourth = readers[0]?.read()
  await turns.quiet()
  expect(source.given).toBe(3)
  expect(await read(1)).toBe(0)
  expect((await fourth)?.value).toBe(3)
})

test("error-slow fails the slow branch after what it keeps; the others go on", async () => {
  const { read, readers, source } = open(2, { highWaterMark: 2, policy: "error-slow" })
  for (let n = 0; n < 5; n++) expect(await read(0)).toBe(n)
  expect([await read(1), await read(1)]).toEqual([0, 1])
  await expect(read(1)).rejects.toMatchObject({ name: "StreamError", code: "SLOW_BRANCH" })
  expect(await read(0)).toBe(5)
  expect(source.cancels).toEqual([])
  await readers[0]?.cancel("enough")
  expect(source.cancels).toMatchObject([{ errors: [{ code: "SLOW_BRANCH" }, "enough"].reverse() }])
})

test("drop-slow lets the slow branch miss chunks, and says which", async () => {
  const missed: [number, number][] = []
  const onDrop = (chunk: number, branch: number) => missed.push([chunk, branch])
  const { read } = open(2, { highWaterMark: 2, policy: "drop-slow", onDrop })
  for (let n = 0; n < 5; n++) expect(await read(0)).toBe(n)
  expect(missed).toEqual([
    [2, 1],
    [3, 1],
    [4, 1],
  ])
  expect([await read(1), await read(1), await read(1)]).toEqual([0, 1, 5])
})

test("a branch that is cancelled drops out at once; the last one cancels the source with all reasons", async () => {
  const { source, readers, read } = open(3, { highWaterMark: 1 }, "idle")
  expect(await read(0)).toBe(0)
  const [a, b, c] = [new Error("a"), new Error("b"), new Error("c")]
  expect((await turns.settle(Promise.resolve(readers[2]?.cancel(c)))).state).toBe("fulfilled")
  await readers[1]?.cancel(b)
  for (let n = 1; n < 10; n++) expect(await read(0)).toBe(n)
  expect(source.cancels).toEqual([])
  await readers[0]?.cancel(a)
  expect(source.cancels.length).toBe(1)
  expect(source.cancels[0]).toBeInstanceOf(AggregateError)
  expect(source.cancels).toMatchObject([{ errors: [a, b, c] }])
})

test("a cancelled branch frees the others that it blocked, in the middle of their read", async () => {
  const { readers, read } = open(2, { highWaterMark: 0 })
  const first = readers[0]?.read()
  await turns.quiet()
  await readers[1]?.cancel()
  expect((await first)?.value).toBe(0)
  expect(await read(0)).toBe(1)
})

test("what the source's cancel throws rejects the last branch's cancel", async () => {
  const boom = new Error("boom")
  const [one] = broadcast(new ReadableStream({ cancel: () => Promise.reject(boom) }), 1)
  await expect(one?.cancel()).rejects.toBe(boom)
})

test("close and error reach each branch after the chunks that it keeps", async () => {
  for (const ending of ["close", "error"] as const) {
    const source = new ScriptedSource([1], "idle", () => {})
    const [fast, slow] = broadcast(source.readable, 2).map((branch) => branch.getReader())
    await fast?.read()
    source[ending]("gone")
    const end = (reader: typeof fast) =>
      reader?.read().then(
        ({ done }) => done,
        (reason: unknown) => reason,
      )
    const expected = ending === "close" ? true : "gone"
    await turns.quiet()
    expect(await end(fast)).toBe(expected)
    expect((await slow?.read())?.value).toBe(1)
    expect(await end(slow)).toBe(expected)
  }
})

test("close and error of the source are seen when nobody reads", async () => {
  for (const ending of ["close", "error"] as const) {
    const source = new ScriptedSource([], "idle", () => {})
    const [one] = broadcast(source.readable, 2)
    source[ending]("gone")
    const settled = await turns.settle(one?.getReader().closed ?? Promise.reject(new Error("none")))
    expect(settled.state).toBe(ending === "close" ? "fulfilled" : "rejected")
  }
})

test("a stalled branch with a fast one beside it: what is kept stays bounded for any length", async () => {
  let given = 0
  const endless = new ReadableStream<number>(
    { pull: (c) => c.enqueue(given++) },
    { highWaterMark: 0 },
  )
  const [fast] = broadcast(endless, 2, { highWaterMark: 8 })
  const reader = fast?.getReader()
  for (let n = 0; n < 8; n++) await reader?.read()
  expect((await turns.settle(Promise.resolve(reader?.read()))).state).toBe("pending")
  expect(given).toBe(8)
})

test("what onDrop throws fails every branch, after what it keeps, and cancels the source", async () => {
  const boom = new Error("boom")
  const reasons: unknown[] = []
  let given = 0
  const source = new ReadableStream<number>({
    pull: (controller) => controller.enqueue(given++),
    cancel: (reason) => void reasons.push(reason),
  })
  const onDrop = () => {
    throw boom
  }
  const [fast, slow] = broadcast(source, 2, { highWaterMark: 1, policy: "drop-slow", onDrop })
  if (fast === undefined || slow === undefined) throw new Error("a branch is missing")
  await expect(toArray(fast)).rejects.toBe(boom)
  const reader = slow.getReader()
  expect(await reader.read()).toEqual({ value: 0, done: false })
  await expect(reader.read()).rejects.toBe(boom)
  expect(reasons).toEqual([boom])
})

test("broadcast refuses no branch and a locked readable", async () => {
  expect(() => broadcast(from([1]), 0)).toThrow(RangeError)
  expect(() => broadcast(from([1]), 1, { highWaterMark: -1 })).toThrow(RangeError)
  const locked = from([1])
  locked.getReader()
  expect(() => broadcast(locked, 2)).toThrow(TypeError)
  const [only] = broadcast(from(hundred), 1, { highWaterMark: 0 })
  expect(only && (await toArray(only))).toEqual(hundred)
})

import { expect, test } from "vitest"
import { toArray } from "../sinks/to-array.ts"
import { ScriptedSource } from "../testing/scripted-source.ts"
import { Turns } from "../testing/turns.ts"
import { concat } from "./concat.ts"
import { from } from "./from.ts"

const turns = new Turns({ turn: () => Promise.resolve(), quietTurns: 32 })
const source = (inputs: number[], ending: "close" | "idle" = "close") =>
  new ScriptedSource<number>(inputs, ending, () => {})

test("concat gives each in turn, empty ones too, and nothing for nothing", async () => {
  expect(await toArray(concat(from([1, 2]), from<number>([]), from([3])))).toEqual([1, 2, 3])
  expect(await toArray(concat())).toEqual([])
})

test("concat takes one chunk for one read, and nothing of those whose turn has not come", async () => {
  const sources = [source([1, 2]), source([3])]
  const reader = concat(...sources.map(({ readable }) => readable)).getReader()
  await turns.quiet()
  expect(sources.map(({ given }) => given)).toEqual([0, 0])
  await reader.read()
  await turns.quiet()
  expect(sources.map(({ given }) => given)).toEqual([1, 0])
})

test("cancel of concat reaches the current source, though idle, and all that follow", async () => {
  const sources = [source([1]), source([], "idle"), source([2])]
  const reader = concat(...sources.map(({ readable }) => readable)).getReader()
  await reader.read()
  const read = reader.read()
  await turns.quiet()
  const reason = new Error("enough")
  await reader.cancel(reason)
  expect((await read).done).toBe(true)
  expect(sources.map(({ cancels }) => cancels)).toEqual([[], [reason], [reason]])
})

test("an error in concat comes after what came before, and cancels the others with itself", async () => {
  const [first, second, third] = [source([1]), source([], "idle"), source([2])]
  const reader = concat(first.readable, second.readable, third.readable).getReader()
  expect((await reader.read()).value).toBe(1)
  const read = reader.read()
  await turns.quiet()
  const boom = new Error("boom")
  second.error(boom)
  await expect(read).rejects.toBe(boom)
  expect([first.cancels, third.cancels]).toEqual([[], [boom]])
})

test("several readables that fail to cancel reject the cancel with all their errors", async () => {
  const failing = (error: string) =>
    new ReadableStream<number>({ cancel: () => Promise.reject(error) })
  const cancel = concat(failing("a"), from([1]), failing("b")).cancel()
  await expect(cancel).rejects.toMatchObject({ name: "AggregateError", errors: ["a", "b"] })
  await expect(concat(failing("a"), from([1])).cancel()).rejects.toBe("a")
})

test("concat locks all, or none", () => {
  const [free, locked] = [from([1]), from([2])]
  locked.getReader()
  expect(() => concat(free, locked)).toThrow(TypeError)
  expect(free.locked).toBe(false)
  concat(free)
  expect(free.locked).toBe(true)
})

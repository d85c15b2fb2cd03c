import { expect, test, vi } from "vitest"
import { toArray } from "../sinks/to-array.ts"
import { from } from "../sources/from.ts"
import { fromPull } from "../sources/from-pull.ts"
import { tap } from "./tap.ts"

const boom = new Error("boom")

test("tap sees each chunk with its index, and how the stream ended", async () => {
  const seen: unknown[] = []
  const watch = () =>
    tap<string>({
      chunk: (chunk, index) => seen.push([chunk, index]),
      close: () => seen.push("close"),
      cancel: (reason) => seen.push(reason),
    })
  expect(await toArray(from(["a", "b"]).pipeThrough(watch()))).toEqual(["a", "b"])
  await from(["c"]).pipeThrough(watch()).cancel(boom)
  const failing = fromPull<string>({ pull: (controller) => controller.error(boom) })
  await expect(toArray(failing.pipeThrough(watch()))).rejects.toBe(boom)
  expect(seen).toEqual([["a", 0], ["b", 1], "close", boom, boom])
})

test("what a callback of tap throws or rejects with is told to onError and disturbs nothing", async () => {
  const told: unknown[] = []
  const onError = (error: unknown) => void told.push(error)
  const fail = () => {
    throw boom
  }
  const rejects = async () => fail()
  const throwing = tap<number>({ chunk: fail, close: fail, onError })
  const rejecting = tap<number>({ chunk: rejects, close: rejects, onError })
  const chunks = await toArray(from([1, 2]).pipeThrough(throwing).pipeThrough(rejecting))
  expect(chunks).toEqual([1, 2])
  await Promise.resolve()
  expect(told).toEqual(Array.from({ length: 6 }, () => boom))
})

test("what onError throws is reported by the console and disturbs nothing", async () => {
  const report = vi.spyOn(console, "error").mockImplementation(() => {})
  const fail = () => {
    throw boom
  }
  expect(await toArray(from([1]).pipeThrough(tap({ chunk: fail, onError: fail })))).toEqual([1])
  expect(report.mock.calls).toEqual([[boom]])
  report.mockRestore()
})

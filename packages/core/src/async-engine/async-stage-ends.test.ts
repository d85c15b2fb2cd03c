import { expect, test } from "vitest"
import { toArray } from "../sinks/to-array.ts"
import { Turns } from "../testing/turns.ts"
import { asyncStage } from "./async-stage.ts"

const turns = new Turns({ turn: () => Promise.resolve(), quietTurns: 64 })

const boom = new Error("boom")
const rejects = (): Promise<void> => Promise.reject(boom)
const throws = (): void => {
  throw boom
}
for (const [how, fail] of [
  ["throws", throws],
  ["rejects", rejects],
] as const) {
  test(`a transform that ${how} delivers what it made, then fails both ends with one error`, async () => {
    const { readable, writable } = asyncStage<number, number>({
      transform(chunk, controller) {
        controller.enqueue(chunk)
        controller.enqueue(chunk + 1)
        return fail()
      },
    })
    const reader = readable.getReader()
    const writer = writable.getWriter()
    const write = writer.write(1)
    write.catch(() => {})
    expect((await reader.read()).value).toBe(1)
    await expect(write).rejects.toBe(boom)
    await expect(writer.closed).rejects.toBe(boom)
    expect((await reader.read()).value).toBe(2)
    await expect(reader.read()).rejects.toBe(boom)
  })

  test(`a flush that ${how} fails close() and the reader`, async () => {
    const { readable, writable } = asyncStage<number, number>({
      flush(controller) {
        controller.enqueue(1)
        return fail()
      },
    })
    const reader = readable.getReader()
    await expect(writable.close()).rejects.toBe(boom)
    expect((await reader.read()).value).toBe(1)
    await expect(reader.read()).rejects.toBe(boom)
  })

  test(`a cancel that ${how} rejects the consumer's cancel and fails the writable with it`, async () => {
    const { readable, writable } = asyncStage<number, number>({ cancel: fail })
    const writer = writable.getWriter()
    await expect(readable.cancel("any")).rejects.toBe(boom)
    await expect(writer.closed).rejects.toBe(boom)
  })

  test(`a cancel that ${how} rejects the producer's abort and fails the readable with it`, async () => {
    const { readable, writable } = asyncStage<number, number>({ cancel: fail })
    await expect(writable.abort("any")).rejects.toBe(boom)
    await expect(readable.getReader().closed).rejects.toBe(boom)
  })
}

test("a start that throws throws; one that rejects fails both ends after what it made", async () => {
  expect(() => asyncStage({ start: throws })).toThrow(boom)
  const { readable, writable } = asyncStage<number, number>({
    start(controller) {
      controller.enqueue(1)
      return rejects()
    },
  })
  const reader = readable.getReader()
  await expect(writable.getWriter().closed).rejects.toBe(boom)
  expect((await reader.read()).value).toBe(1)
  await expect(reader.read()).rejects.toBe(boom)
})

test("terminate closes the readable after what was made and refuses more", async () => {
  let late: unknown
  const { readable, writable } = asyncStage<number, number>({
    async transform(chunk, controller) {
      controller.enqueue(chunk)
      controller.enqueue(chunk + 1)
      controller.terminate()
      try {
        controller.enqueue(0)
      } catch (error) {
        late = error
      }
    },
  })
  const writer = writable.getWriter()
  writer.write(1).catch(() => {})
  expect(await toArray(readable)).toEqual([1, 2])
  await expect(writer.closed).rejects.toBeInstanceOf(TypeError)
  expect(late).toBeInstanceOf(TypeError)
})

test("close() waits for flush, and not for a reader", async () => {
  let done = (): void => {}
  const { readable, writable } = asyncStage<number, number>({
    flush(controller) {
      controller.enqueue(9)
      return new Promise<void>((resolve) => {
        done = resolve
      })
    },
  })
  const closing = turns.settle(writable.close())
  expect((await closing).state).toBe("pending")
  done()
  await turns.quiet()
  expect(await toArray(readable)).toEqual([9])
})

test("a cancel while flush runs aborts its signal, and waits for it", async () => {
  let signal: AbortSignal | undefined
  let done = (): void => {}
  const { readable, writable } = asyncStage<number, number>({
    flush(controller) {
      signal = controller.signal
      return new Promise<void>((resolve) => {
        done = resolve
      })
    },
  })
  const closing = writable.close()
  await turns.quiet()
  const cancelling = readable.cancel("enough")
  expect(signal?.reason).toBe("enough")
  expect((await turns.settle(cancelling)).state).toBe("pending")
  done()
  await Promise.all([cancelling, closing])
})

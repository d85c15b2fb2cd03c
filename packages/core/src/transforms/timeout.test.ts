import { expect, test } from "vitest"
import { fromPush } from "../sources/from-push.ts"
import type { PushController } from "../sources/push-source.ts"
import { checkLaws } from "../testing/index.ts"
import { VirtualClock } from "../time/virtual-clock.ts"
import { timeout } from "./timeout.ts"

function open(timeoutMs: number) {
  const clock = new VirtualClock()
  const reasons: unknown[] = []
  let controller: PushController<number> | undefined
  const source = fromPush<number>({
    start(given) {
      controller = given
    },
    stop: (reason) => void reasons.push(reason),
  })
  if (controller === undefined) throw new Error("start was not called")
  return {
    clock,
    controller,
    reasons,
    reader: source.pipeThrough(timeout(timeoutMs, { clock })).getReader(),
  }
}

test("timeout keeps the laws", async () => {
  const report = await checkLaws<number, number>({
    create: () => timeout(1000, { clock: new VirtualClock() }),
    inputs: [1, 2, 3, 4, 5],
    outputs: [1, 2, 3, 4, 5],
  })
  expect(report.held).toBeGreaterThanOrEqual(11)
})

test("timeout fails a read that waits too long, and cancels the source with the same error", async () => {
  const { clock, reader, reasons } = open(100)
  const read = reader.read().catch((error: unknown) => error)
  await clock.advance(99)
  expect(reasons).toEqual([])
  await clock.advance(1)
  const error = await read
  expect(error).toMatchObject({ name: "StreamError", code: "TIMEOUT" })
  expect(reasons).toEqual([error])
})

test("timeout begins anew with each chunk and never counts a slow consumer", async () => {
  const { clock, reader, controller } = open(100)
  for (let n = 0; n < 3; n++) {
    const read = reader.read()
    await clock.advance(99)
    controller.enqueue(n)
    expect((await read).value).toBe(n)
    expect(clock.pending).toBe(0)
    await clock.advance(1000)
  }
})

test("timeout leaves no timer behind after close, cancel and error", async () => {
  for (const end of ["close", "cancel", "error"] as const) {
    const { clock, reader, controller } = open(100)
    const read = reader.read().catch((error: unknown) => error)
    await clock.advance(1)
    expect(clock.pending, end).toBe(1)
    if (end === "cancel") await reader.cancel()
    else controller[end]("gone")
    await read
    expect(clock.pending, end).toBe(0)
  }
})

test("timeout refuses 0", () => {
  expect(() => timeout(0)).toThrow(RangeError)
})

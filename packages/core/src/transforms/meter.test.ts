import { expect, test } from "vitest"
import { toArray } from "../sinks/to-array.ts"
import { from } from "../sources/from.ts"
import { fromPush } from "../sources/from-push.ts"
import type { PushController } from "../sources/push-source.ts"
import { checkLaws } from "../testing/index.ts"
import { VirtualClock } from "../time/virtual-clock.ts"
import { map } from "./map.ts"
import { meter } from "./meter.ts"

function open() {
  const clock = new VirtualClock()
  let controller: PushController<Uint8Array> | undefined
  const source = fromPush<Uint8Array>({
    start(given) {
      controller = given
    },
  })
  if (controller === undefined) throw new Error("start was not called")
  const gauge = meter<Uint8Array>({ clock })
  return { clock, controller, gauge, reader: source.pipeThrough(gauge).getReader() }
}

test("meter keeps the laws", async () => {
  const report = await checkLaws<number, number>({
    create: () => meter(),
    inputs: [1, 2, 3, 4, 5],
    outputs: [1, 2, 3, 4, 5],
  })
  expect(report.held).toBeGreaterThanOrEqual(12)
})

test("meter tells waiting on the source from waiting on the sink", async () => {
  const { clock, controller, gauge, reader } = open()
  await clock.advance(1000)
  const first = reader.read()
  await clock.advance(30)
  controller.enqueue(new Uint8Array(10))
  await first
  await clock.advance(5)
  const second = reader.read()
  await clock.advance(10)
  controller.enqueue(new Uint8Array(5))
  await second
  await clock.advance(55)
  expect(gauge.read()).toEqual({
    chunks: 2,
    bytes: 15,
    elapsedMs: 100,
    chunksPerSecond: 20,
    bytesPerSecond: 150,
    waitingOnSourceMs: 40,
    waitingOnSinkMs: 60,
  })
})

test("a wait that is not over counts, on both sides; nothing counts before the first demand", async () => {
  const { clock, controller, gauge, reader } = open()
  await clock.advance(7)
  expect(gauge.read()).toMatchObject({ elapsedMs: 0, chunksPerSecond: 0, waitingOnSourceMs: 0 })
  const read = reader.read()
  await clock.advance(8)
  expect(gauge.read()).toMatchObject({ waitingOnSourceMs: 8, waitingOnSinkMs: 0 })
  controller.enqueue(new Uint8Array(1))
  await read
  await clock.advance(9)
  expect(gauge.read()).toMatchObject({ waitingOnSourceMs: 8, waitingOnSinkMs: 9, elapsedMs: 17 })
})

test("the clock of a meter stops at close, cancel and error", async () => {
  for (const end of ["close", "cancel", "error"] as const) {
    const { clock, controller, gauge, reader } = open()
    const read = reader.read().catch(() => {})
    await clock.advance(20)
    if (end === "cancel") await reader.cancel()
    else controller[end]("gone")
    await read
    await clock.advance(80)
    expect(gauge.read(), end).toMatchObject({ elapsedMs: 20, waitingOnSourceMs: 20 })
  }
})

test("meter fuses, and counts what is not bytes as chunks alone", async () => {
  const gauge = meter<string>()
  const lengths = from(["a", "bc"])
    .pipeThrough(gauge)
    .pipeThrough(map((s) => s.length))
  expect(await toArray(lengths)).toEqual([1, 2])
  expect(gauge.read()).toMatchObject({ chunks: 2, bytes: 0 })
  const buffers = meter<ArrayBuffer>()
  await toArray(from([new ArrayBuffer(3)]).pipeThrough(buffers))
  expect(buffers.read().bytes).toBe(3)
})

import { expect, test } from "vitest"
import { toArray } from "../sinks/to-array.ts"
import { from } from "../sources/from.ts"
import { checkLaws } from "../testing/index.ts"
import { Turns } from "../testing/turns.ts"
import { map } from "../transforms/map.ts"
import { asyncStage } from "./async-stage.ts"
import type { AsyncTransformer } from "./async-transformer.ts"

const turns = new Turns({ turn: () => Promise.resolve(), quietTurns: 64 })

/** A transformer that answers each chunk when the test says so. */
function held(): {
  release: () => void
  started: number[]
  transformer: AsyncTransformer<number, number>
} {
  const started: number[] = []
  let release = (): void => {}
  return {
    started,
    release: () => release(),
    transformer: {
      transform(chunk, controller) {
        started.push(chunk)
        return new Promise<void>((resolve) => {
          release = () => {
            controller.enqueue(chunk)
            resolve()
          }
        })
      },
    },
  }
}

const synchronous: AsyncTransformer<number, number> = {
  transform(chunk, controller) {
    controller.enqueue(chunk)
    controller.enqueue(chunk * 10)
    if (chunk === 99) throw new Error("bad chunk")
  },
  flush: (controller) => controller.enqueue(-1),
}
const asynchronous: AsyncTransformer<number, number> = {
  async transform(chunk, controller) {
    controller.enqueue(chunk)
    await Promise.resolve()
    controller.enqueue(chunk * 10)
    if (chunk === 99) throw new Error("bad chunk")
  },
  flush: async (controller) => controller.enqueue(-1),
}
for (const [kind, callbacks] of Object.entries({ synchronous, asynchronous })) {
  test(`asyncStage keeps the laws with ${kind} callbacks`, async () => {
    const report = await checkLaws<number, number>({
      create: (probe) =>
        asyncStage<number, number>({
          transform(chunk, controller) {
            probe.transformed()
            return callbacks.transform?.(chunk, controller)
          },
          flush: (controller) => callbacks.flush?.(controller),
          cancel: (reason) => probe.cancelled(reason),
        }),
      inputs: [1, 2, 3, 4],
      outputs: [1, 10, 2, 20, 3, 30, 4, 40, -1],
      failing: { input: 99, outputs: [99, 990] },
      probed: true,
    })
    expect(report.held).toBeGreaterThanOrEqual(13)
  })
}

test("asyncStage without callbacks passes chunks on, in order", async () => {
  const chunks = Array.from({ length: 1000 }, (_, index) => index)
  expect(await toArray(from(chunks).pipeThrough(asyncStage({})))).toEqual(chunks)
})

test("asyncStage runs one transform at a time and fuses what follows it", async () => {
  let running = 0
  let most = 0
  const end = from([1, 2, 3])
    .pipeThrough(
      asyncStage<number, number>({
        async transform(chunk, controller) {
          most = Math.max(most, ++running)
          await Promise.resolve()
          running--
          controller.enqueue(chunk)
        },
      }),
    )
    .pipeThrough(map((n) => n * 2))
  expect(await toArray(end)).toEqual([2, 4, 6])
  expect(most).toBe(1)
})

test("asyncStage transforms nothing before somebody reads, and one chunk for one read", async () => {
  const { transformer, started, release } = held()
  const reader = from([1, 2, 3]).pipeThrough(asyncStage(transformer)).getReader()
  await turns.quiet()
  expect(started).toEqual([])
  const read = reader.read()
  await turns.quiet()
  expect(started).toEqual([1])
  release()
  expect(await read).toEqual({ value: 1, done: false })
  await turns.quiet()
  expect(started).toEqual([1])
})

test("a readableStrategy lets asyncStage work ahead by that many chunks", async () => {
  const started: number[] = []
  from([1, 2, 3, 4, 5]).pipeThrough(
    asyncStage<number, number>(
      {
        async transform(chunk, controller) {
          started.push(chunk)
          controller.enqueue(chunk)
        },
      },
      { readableStrategy: { highWaterMark: 2 } },
    ),
  )
  await turns.quiet()
  expect(started).toEqual([1, 2])
})

test("asynchronous stages overlap as far as native ones do", async () => {
  const overlap = async (make: (t: Transformer<number, number>) => ReadableWritablePair) => {
    let running = 0
    let most = 0
    const transformer: Transformer<number, number> = {
      async transform(chunk, controller) {
        most = Math.max(most, ++running)
        for (let turn = 0; turn < 100; turn++) await Promise.resolve()
        running--
        controller.enqueue(chunk)
      },
    }
    const source = new ReadableStream<number>({
      pull(controller) {
        controller.enqueue(1)
      },
    })
    const end = source
      .pipeThrough(make(transformer))
      .pipeThrough(make(transformer))
      .pipeThrough(make(transformer))
    const reader = end.getReader()
    for (let read = 0; read < 20; read++) await reader.read()
    await reader.cancel()
    return most
  }
  const native = await overlap((transformer) => new TransformStream(transformer))
  const ours = await overlap((transformer) =>
    asyncStage({
      transform: (chunk: number, controller) =>
        transformer.transform?.(chunk, {
          desiredSize: 0,
          enqueue: (value) => controller.enqueue(value ?? 0),
          error() {},
          terminate() {},
        }),
    }),
  )
  expect(native).toBeGreaterThan(1)
  expect(ours).toBeGreaterThanOrEqual(native)
})

test("an abort while a write waits for a reader settles, and reaches the transformer", async () => {
  const cancelled: unknown[] = []
  const { readable, writable } = asyncStage<number, number>({
    cancel: (r) => void cancelled.push(r),
  })
  const writer = writable.getWriter()
  const written = writer.write(1)
  await turns.quiet()
  const reason = new Error("gone")
  await writer.abort(reason)
  await expect(written).rejects.toBe(reason)
  await expect(readable.getReader().read()).rejects.toBe(reason)
  expect(cancelled).toEqual([reason])
})

test("an abort during a transform shows at the reader at once and aborts the signal", async () => {
  let signal: AbortSignal | undefined
  let finish = (): void => {}
  const { readable, writable } = asyncStage<number, number>({
    transform(chunk, controller) {
      signal = controller.signal
      controller.enqueue(chunk)
      controller.enqueue(chunk + 1)
      return new Promise<void>((resolve) => {
        finish = resolve
      })
    },
  })
  const reader = readable.getReader()
  const writer = writable.getWriter()
  writer.write(1).catch(() => {})
  expect((await reader.read()).value).toBe(1)
  const reason = new Error("gone")
  const aborted = writer.abort(reason)
  await expect(reader.read()).rejects.toBe(reason)
  expect(signal?.reason).toBe(reason)
  finish()
  await aborted
})

test("a cancel during a transform reaches the source at once; what the transform then gives is dropped", async () => {
  const { transformer, release, started } = held()
  const reasons: unknown[] = []
  const source = new ReadableStream<number>({
    pull: (controller) => controller.enqueue(7),
    cancel: (reason) => void reasons.push(reason),
  })
  const reader = source.pipeThrough(asyncStage(transformer)).getReader()
  const read = reader.read()
  await turns.quiet()
  expect(started).toEqual([7])
  const reason = new Error("enough")
  await reader.cancel(reason)
  expect(await read).toEqual({ value: undefined, done: true })
  release()
  await turns.quiet()
  expect(reasons).toEqual([reason])
})

test("the signal is aborted for whoever looks late, and is not when all went well", async () => {
  let late = (): AbortSignal | undefined => undefined
  const open = () =>
    asyncStage<number, number>({
      start(controller) {
        late = () => controller.signal
      },
    })
  await open().readable.cancel("enough")
  expect(late()?.reason).toBe("enough")
  expect(await toArray(from([1]).pipeThrough(open()))).toEqual([1])
  expect(late()?.aborted).toBe(false)
})

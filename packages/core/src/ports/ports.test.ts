import { expect, test } from "vitest"
import { toArray } from "../sinks/to-array.ts"
import { from } from "../sources/from.ts"
import { checkLaws } from "../testing/index.ts"
import { Turns } from "../testing/turns.ts"
import { createPorts, type Role } from "./ports.ts"

const turns = new Turns({ turn: () => Promise.resolve(), quietTurns: 32 })
const boom = new Error("boom")

/** Doubles numbers, reports odd ones, and shows their sum. */
function doubler(more: Partial<Role<number, number, string, number>> = {}) {
  let sum = 0
  return createPorts<number, number, string, number>(
    {
      event(n, controller) {
        sum += n
        controller.snapshot(sum)
        if (n % 2 === 1) controller.err(`odd ${n}`)
        controller.out(n * 2)
      },
      ...more,
    },
    { maxQueuedErrs: 3 },
  )
}

test("in to out is a transform that keeps the laws", async () => {
  const report = await checkLaws<number, number>({
    create(probe) {
      const ports = doubler({
        event(n, controller) {
          probe.transformed()
          if (n === 99) controller.out(1)
          if (n === 99) throw boom
          controller.out(n * 2)
        },
        flush: (controller) => controller.out(-1),
        cancel: (reason) => probe.cancelled(reason),
      })
      return { readable: ports.out, writable: ports.in }
    },
    inputs: [1, 2, 3, 4, 5],
    outputs: [2, 4, 6, 8, 10, -1],
    failing: { input: 99, outputs: [1] },
    probed: true,
  })
  expect(report.held).toBeGreaterThanOrEqual(13)
})

test("err gives faults as values, keeps the newest of what nobody reads, and never touches out", async () => {
  const dropped: string[] = []
  const ports = createPorts<number, number, string, never>(
    {
      event(n, controller) {
        controller.err(`fault ${n}`)
        controller.out(n)
      },
    },
    { maxQueuedErrs: 3, onErrDrop: (fault) => dropped.push(fault) },
  )
  void from([1, 2, 3, 4, 5]).pipeTo(ports.in)
  expect(await toArray(ports.out)).toEqual([1, 2, 3, 4, 5])
  expect(await toArray(ports.err)).toEqual(["fault 3", "fault 4", "fault 5"])
  expect(dropped).toEqual(["fault 1", "fault 2"])
})

test("cancelling err does not disturb out", async () => {
  const ports = doubler()
  await ports.err.cancel()
  void from([1, 3]).pipeTo(ports.in)
  expect(await toArray(ports.out)).toEqual([2, 6])
})

test("snapshot has any number of readers; each sees the latest, and the last one after the end", async () => {
  const ports = doubler()
  const eager = ports.snapshot.readable().getReader()
  const lazy = ports.snapshot.readable()
  const writer = ports.in.getWriter()
  const out = ports.out.getReader()
  const seen: (number | undefined)[] = []
  for (const n of [1, 2, 3]) {
    const read = eager.read()
    void writer.write(n)
    await out.read()
    seen.push((await read).value)
  }
  expect(seen).toEqual([1, 3, 6])
  const late = ports.snapshot.readable()
  const closing = writer.close()
  await out.read()
  await closing
  expect(await toArray(lazy)).toEqual([6])
  expect(await toArray(late)).toEqual([6])
  expect((await eager.read()).done).toBe(true)
  expect(ports.snapshot.latest).toBe(6)
  expect(await toArray(ports.snapshot.readable())).toEqual([6])
})

test("a reader of a snapshot that cancels is forgotten, and the others go on", async () => {
  const ports = doubler()
  await ports.snapshot.readable().cancel()
  const other = ports.snapshot.readable()
  void from([4]).pipeTo(ports.in)
  await toArray(ports.out)
  expect(await toArray(other)).toEqual([4])
})

for (const where of ["event", "flush"] as const) {
  test(`what ${where} throws fails every end with the same error, after what was given before`, async () => {
    const ports = doubler({
      [where](...args: unknown[]) {
        for (const controller of args) {
          if (typeof controller !== "object" || controller === null) continue
          if ("out" in controller && typeof controller.out === "function") controller.out(7)
        }
        throw boom
      },
    })
    const writer = ports.in.getWriter()
    const [out, err, state] = [ports.out, ports.err, ports.snapshot.readable()].map((readable) =>
      readable.getReader(),
    )
    writer.write(1).catch(() => {})
    writer.close().catch(() => {})
    const results: unknown[] = []
    for (let read = 0; read < 3; read++) {
      results.push(
        await out?.read().then(
          ({ value }) => value,
          (reason: unknown) => reason,
        ),
      )
    }
    expect(results).toContain(7)
    expect(results.at(-1)).toBe(boom)
    await expect(writer.closed).rejects.toBe(boom)
    for (const reader of [err, state]) {
      const last = (async () => {
        while (reader && !(await reader.read()).done);
      })()
      await expect(last).rejects.toBe(boom)
    }
  })
}

test("an abort of in, and a cancel of out, end every port with the reason and tell the role once", async () => {
  for (const end of ["abort", "cancel"] as const) {
    const reasons: unknown[] = []
    const ports = doubler({ cancel: (reason) => void reasons.push(reason) })
    const writer = ports.in.getWriter()
    const err = ports.err.getReader()
    await turns.quiet()
    if (end === "abort") await writer.abort(boom)
    else await ports.out.cancel(boom)
    expect(reasons).toEqual([boom])
    await expect(err.closed).rejects.toBe(boom)
    await expect(ports.snapshot.readable().getReader().closed).rejects.toBe(boom)
    await expect(writer.closed).rejects.toBe(boom)
  }
})

test("start runs at once: its state, faults and results are there", async () => {
  const ports = doubler({
    start(controller) {
      controller.snapshot(100)
      controller.err("cold")
      controller.out(0)
    },
  })
  expect(ports.snapshot.latest).toBe(100)
  void from([2]).pipeTo(ports.in)
  expect(await toArray(ports.out)).toEqual([0, 4])
  expect(await toArray(ports.err)).toEqual(["cold"])
  const start = () => {
    throw boom
  }
  expect(() => doubler({ start })).toThrow(boom)
})

test("createPorts refuses a queue of no faults", () => {
  expect(() => createPorts({ event() {} }, { maxQueuedErrs: 0 })).toThrow(RangeError)
})

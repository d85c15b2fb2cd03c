import { toArray, VirtualClock } from "@bellmouth/core"
import { describe, expect, test } from "vitest"
import { memoryTransports } from "./memory-transports.ts"
import { transportConformance } from "./transport-conformance.ts"

describe.each([
  ["without delay", {}],
  ["in tiny pieces", { maxPieceBytes: 1000, bufferBytes: 2000 }],
] as const)("memoryTransports %s", (_, options) => {
  const cases = transportConformance({
    supports: {
      halfClose: true,
      abort: true,
      maxUnreadBytes: 1_000_000,
      lose: true,
      remains: false,
    },
    async connect() {
      const { first, second, cut } = memoryTransports({ seed: 5, ...options })
      return { first, second, lose: cut }
    },
  })
  for (const { name, run, skip } of cases) test.skipIf(skip !== undefined)(name, run)
})

/** What one seed makes of one use, in the order of time. */
async function trace(seed: number, maxDelayMs = 20): Promise<string[]> {
  const clock = new VirtualClock()
  const events: string[] = []
  const { first, second } = memoryTransports({
    seed,
    clock,
    maxDelayMs,
    maxPieceBytes: 300,
    onDelivery: ({ direction, bytes, atMs }) => events.push(`${direction} ${bytes} at ${atMs}`),
  })
  const echo = second.readable.pipeTo(second.writable)
  const writer = first.writable.getWriter()
  const writing = (async () => {
    for (let size = 0; size < 40; size++) await writer.write(new Uint8Array(size * 7))
    await writer.close()
  })()
  const reading = toArray(first.readable)
  await clock.advance(60_000)
  const read = await reading
  await Promise.all([writing, echo])
  events.push(`read ${read.reduce((sum, { length }) => sum + length, 0)}`)
  expect(clock.pending).toBe(0)
  return events
}

test("memoryTransports does the same for the same seed, and splits and joins", async () => {
  const seen = new Set<string>()
  for (let seed = 0; seed < 20; seed++) {
    const events = await trace(seed)
    expect(await trace(seed)).toEqual(events)
    expect(events.at(-1)).toBe("read 5460")
    seen.add(events.join())
  }
  expect(seen.size).toBe(20)
})

test("memoryTransports loses the connection after the byte that it is told, both ways", async () => {
  for (const cutAtBytes of [
    [1000, Infinity],
    [Infinity, 1000],
  ] as const) {
    const { first, second } = memoryTransports({ seed: 3, cutAtBytes, maxPieceBytes: 64 })
    void second.readable.pipeTo(second.writable).catch(() => {})
    const writer = first.writable.getWriter()
    void writer.write(new Uint8Array(5000)).catch(() => {})
    let bytes = 0
    const reading = (async () => {
      for await (const { length } of first.readable) bytes += length
    })()
    await expect(reading).rejects.toMatchObject({ code: "CONNECTION_LOST" })
    await expect(writer.closed).rejects.toMatchObject({ code: "CONNECTION_LOST" })
    expect(bytes).toBeLessThanOrEqual(1000)
    if (cutAtBytes[1] === 1000) expect(bytes).toBe(1000)
  }
})

test("memoryTransports holds a direction, and cuts it short as if its writer had ended", async () => {
  const { first, second, hold, release, truncate } = memoryTransports({ seed: 4 })
  hold("there")
  const writer = first.writable.getWriter()
  await writer.write(new Uint8Array(10))
  const reader = second.readable.getReader()
  let came = 0
  const reading = (async () => {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      came += next.value.length
    }
  })()
  for (let turn = 0; turn < 100; turn++) await Promise.resolve()
  expect(came).toBe(0)
  release("there")
  for (let turn = 0; turn < 100; turn++) await Promise.resolve()
  expect(came).toBe(10)
  truncate("there")
  await reading
  await writer.write(new Uint8Array(1_000_000))
  const back = second.writable.getWriter()
  void back.write(new Uint8Array([7]))
  expect(await first.readable.getReader().read()).toEqual({ done: false, value: Uint8Array.of(7) })
})

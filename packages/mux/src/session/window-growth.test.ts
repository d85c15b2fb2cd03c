import { expect, test } from "vitest"
import type { ChannelCore } from "../channel/channel-core.ts"
import { encodeHello } from "./hello.ts"
import { type Limits, limitsOf } from "./limits.ts"
import { SessionCore } from "./session-core.ts"
import type { SessionOptions } from "./session-options.ts"

const DELAY_MS = 50
const BYTES_PER_MS = 100_000

interface Link {
  readonly from: SessionCore
  readonly to: SessionCore
  readonly way: { readonly at: number; readonly chunk: Uint8Array }[]
}

/** A session in virtual time; what ends it is thrown. */
function sessionCore(limits: Limits, channel: (channel: ChannelCore) => void): SessionCore {
  return new SessionCore(limits, encodeHello(limits, undefined), {
    hello() {},
    channel,
    request() {},
    output() {},
    over: (error) => {
      throw error ?? new Error("over")
    },
  })
}

/**
 * Runs one channel over a link of 100 MB/s and 50 ms, in virtual time; gives the bytes of each 100 ms. With a window
 * of its `own` whoever opens it reads.
 */
function throughput(options: SessionOptions, durationMs: number, own?: number): number[] {
  let now = 0
  const clock = { now: () => now, schedule: () => () => {} }
  const limits = limitsOf({ ...options, clock, maxQueuedBytes: 8_388_608 })
  const accepted: ChannelCore[] = []
  const create = (): SessionCore => sessionCore(limits, (channel) => accepted.push(channel))
  const [a, b] = [create(), create()]
  const links: Link[] = [
    { from: a, to: b, way: [] },
    { from: b, to: a, way: [] },
  ]
  const item = new Uint8Array(32_768)
  const channel = a.open(new Uint8Array(0), own ?? limits.windowBytes, false)
  const taken: number[] = []
  for (; now < durationMs; now++) {
    for (const { from, to, way } of links) {
      while ((way[0]?.at ?? Number.POSITIVE_INFINITY) <= now) to.receive(way.shift()?.chunk ?? item)
      for (let sent = 0; sent < BYTES_PER_MS; ) {
        const chunk = from.take()
        if (chunk === undefined) break
        sent += chunk.byteLength
        way.push({ at: now + DELAY_MS, chunk })
      }
    }
    const [writers, readers] = own === undefined ? [[channel], accepted] : [accepted, [channel]]
    for (const each of writers) while (each.outbound.room > 0) each.write(item)
    for (const { inbound } of readers) {
      for (let next = inbound.take(); next !== undefined; next = inbound.take()) {
        const slot = Math.floor(now / 100)
        taken[slot] = (taken[slot] ?? 0) + next.byteLength
      }
    }
  }
  return taken
}

test("A window grows until one channel fills a link of 100 MB/s with 50 ms of delay", () => {
  const taken = throughput({}, 3000)
  const after = taken.slice(20)
  expect(after.length).toBe(10)
  const share = after.reduce((sum, bytes) => sum + bytes, 0) / (1000 * BYTES_PER_MS)
  expect(share).toBeGreaterThan(0.8)
})

test("A window that may not grow gives a window for each round trip", () => {
  const taken = throughput({ maxWindowBytes: 262_144 }, 1000)
  const perSecond = taken.reduce((sum, bytes) => sum + bytes, 0)
  expect(perSecond).toBeLessThan(6_000_000)
  expect(perSecond).toBeGreaterThan(1_500_000)
})

test("A channel that was opened with less of a window keeps it: a piece of 4,096 bytes for each round trip", () => {
  const items = throughput({}, 3000, 1).reduce((sum, bytes) => sum + bytes, 0) / 32_768
  expect(items).toBeGreaterThan(2)
  expect(items).toBeLessThan(5)
  expect(windowAfter(200, { windowBytes: 1000 }, 999)).toBe(999)
})

test("A peer whose reader takes thousands of windows in no time has sent no flood", () => {
  const clock = { now: () => 0, schedule: () => () => {} }
  const limits = limitsOf({ windowBytes: 16, clock })
  const accepted: ChannelCore[] = []
  const [a, b] = [sessionCore(limits, () => {}), sessionCore(limits, (each) => accepted.push(each))]
  const channel = a.open(new Uint8Array(0), limits.windowBytes, false)
  let taken = 0
  while (taken < 12_000) {
    for (let chunk = a.take(); chunk !== undefined; chunk = a.take()) b.receive(chunk)
    for (let chunk = b.take(); chunk !== undefined; chunk = b.take()) a.receive(chunk)
    if (channel.outbound.room > 0) channel.write(new Uint8Array(16))
    for (const { inbound } of accepted) while (inbound.take() !== undefined) taken++
  }
  expect(a.isOver || b.isOver).toBe(false)
})

/** The window of a channel whose reader has taken 20 items of so many bytes. */
function windowAfter(bytes: number, options: SessionOptions = {}, own?: number): number {
  const clock = { now: () => 0, schedule: () => () => {} }
  const limits = limitsOf({ ...options, clock })
  const accepted: ChannelCore[] = []
  const [a, b] = [sessionCore(limits, () => {}), sessionCore(limits, (each) => accepted.push(each))]
  const channel = a.open(new Uint8Array(0), own ?? limits.windowBytes, false)
  let taken = 0
  while (taken < 20) {
    for (let chunk = a.take(); chunk !== undefined; chunk = a.take()) b.receive(chunk)
    for (let chunk = b.take(); chunk !== undefined; chunk = b.take()) a.receive(chunk)
    const [writers, readers] = own === undefined ? [[channel], accepted] : [accepted, [channel]]
    for (const each of writers) if (each.outbound.room > 0) each.write(new Uint8Array(bytes))
    for (const { inbound } of readers) while (inbound.take() !== undefined) taken++
  }
  return (own === undefined ? accepted[0] : channel)?.inbound.window.size ?? 0
}

test("A window that holds fewer than six of its items is doubled, once, where it may grow", () => {
  expect(windowAfter(65_536)).toBe(524_288)
  expect(windowAfter(40_000)).toBe(262_144)
  expect(windowAfter(200, { windowBytes: 1000 })).toBe(2000)
  expect(windowAfter(65_536, { maxWindowBytes: 262_144 })).toBe(262_144)
})

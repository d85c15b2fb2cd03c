import { expect, test } from "vitest"
import { WindowProbe } from "./window-probe.ts"

/** Probes once: the PING takes `tookMs`, and each channel's reader takes so many bytes meanwhile. */
function probe(
  each: WindowProbe<string>,
  tookMs: number,
  taken: Readonly<Record<string, number>>,
): Record<string, number> {
  const payload = each.begin(1000)
  if (payload === undefined) throw new Error("a PING is out")
  for (const [channel, bytes] of Object.entries(taken)) each.took(channel, bytes)
  const samples: Record<string, number> = {}
  each.end(payload, 1000 + tookMs, (channel, sample) => {
    samples[channel] = sample
  })
  return samples
}

test("What queues on the way is no part of a sample", () => {
  const each = new WindowProbe<string>()
  expect(probe(each, 100, { a: 10_000_000 })).toEqual({ a: 10_000_000 })
  expect(probe(each, 400, { a: 40_000_000 })).toEqual({ a: 10_000_000 })
})

test("What channels share as they like is bounded by 1 MiB for all their windows", () => {
  const each = new WindowProbe<string>()
  probe(each, 1, { a: 1 })
  const samples = probe(each, 1_000_000, { a: 1_000_000, b: 1_000_000 })
  expect(samples).toEqual({ a: 174_763, b: 174_763 })
})

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

/** A probe that has been replied to a few times. */
function warm(tookMs: number): WindowProbe<string> {
  const each = new WindowProbe<string>()
  for (let n = 0; n < 4; n++) expect(probe(each, tookMs, { a: 1_000_000 })).toEqual({})
  return each
}

test("What queues on the way is no part of a sample", () => {
  const each = warm(100)
  expect(probe(each, 100, { a: 10_000_000 })).toEqual({ a: 10_000_000 })
  expect(probe(each, 400, { a: 40_000_000 })).toEqual({ a: 10_000_000 })
})

test("On a way that is as short as a turn there are no samples", () => {
  const each = new WindowProbe<string>()
  for (let n = 0; n < 4; n++) probe(each, 1, { a: 1_000_000 })
  expect(probe(each, 1000, { a: 40_000_000 })).toEqual({})
})

test("On a way that is as short as a turn no PING is sent any more", () => {
  const each = warm(100)
  expect(probe(each, 1, { a: 1000 })).toEqual({})
  expect(each.begin(9000)).toBeUndefined()
})

test("A PING that was lost expires, and what was taken meanwhile is no sample", () => {
  const each = warm(100)
  const lost = each.begin(1000)
  each.took("a", 50_000_000)
  expect(each.begin(10_999)).toBeUndefined()
  const next = each.begin(11_000)
  each.took("a", 1_000_000)
  const samples: number[] = []
  const tell = (_: string, sample: number): void => void samples.push(sample)
  each.end(lost ?? new Uint8Array(0), 11_050, tell)
  expect(samples).toEqual([])
  each.end(next ?? new Uint8Array(0), 11_100, tell)
  expect(samples).toEqual([1_000_000])
})

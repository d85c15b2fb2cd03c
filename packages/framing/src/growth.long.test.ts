import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { expect, test } from "vitest"
import { isLinear } from "../testing/growth.ts"
import { growthCases } from "../testing/growth-cases.ts"
import { NdjsonDecoder } from "./ndjson/ndjson-decoder.ts"
import { SseDecoder } from "./sse/sse-decoder.ts"

for (const growth of growthCases.filter(({ name }) =>
  /^an (NDJSON|SSE data) line( under a limit)?$/.test(name),
))
  test(`${growth.name} of 64 MB in 64-byte chunks takes time in proportion`, () => {
    expect(isLinear(growth, 1_000_000, { runs: 2 })).toBe(true)
  })

setFlagsFromString("--expose-gc")
const collectGarbage = runInNewContext("gc") as () => void

function heapMb(): number {
  // The buffers that the first collection finds are given back behind it.
  collectGarbage()
  collectGarbage()
  const { heapUsed, external } = process.memoryUsage()
  return (heapUsed + external) / 1e6
}

const skipped: [string, SseDecoder | NdjsonDecoder, string, string][] = [
  ["an SSE comment", new SseDecoder(), ":", "x"],
  ["SSE comments", new SseDecoder(), "", ": hello\n"],
  ["an unknown SSE field", new SseDecoder(), "x:", "y"],
  ["a refused NDJSON line", new NdjsonDecoder({ onError: "skip" }), "", "x"],
  ["blank NDJSON lines", new NdjsonDecoder(), "", "\n"],
]

for (const [name, decoder, head, body] of skipped)
  test(`${name} without end stays within the limit's memory`, () => {
    const emit = (): void => {}
    const chunk = new TextEncoder().encode(body.repeat(65_536 / body.length))
    decoder.push(new TextEncoder().encode(head), emit)
    const before = heapMb()
    for (let pushed = 0; pushed < 64e6; pushed += chunk.length) decoder.push(chunk, emit)
    expect(heapMb() - before).toBeLessThan(4)
  })

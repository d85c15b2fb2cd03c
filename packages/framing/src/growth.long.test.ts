import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { fromPull } from "@bellmouth/core"
import { expect, test } from "vitest"
import { isLinear } from "../testing/growth.ts"
import { growthCases } from "../testing/growth-cases.ts"
import { NdjsonDecoder } from "./ndjson/ndjson-decoder.ts"
import { SseDecoder } from "./sse/sse-decoder.ts"
import { SseDecoderStream } from "./sse/sse-decoder-stream.ts"

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

for (const [name, end] of [
  ["was cancelled", (reader) => reader.cancel()],
  ["has failed", (reader) => reader.read().catch(() => {})],
  ["has closed", (reader) => reader.closed],
] as [string, (reader: ReadableStreamDefaultReader<unknown>) => Promise<unknown>][])
  test(`an event stream that is kept when it ${name} holds nothing of its last event`, async () => {
    const kept: SseDecoderStream[] = []
    const rest = name === "has failed" ? ["data: ", "x".repeat(10)] : []
    const before = heapMb()
    for (let n = 0; n < 16; n++) {
      const stage = new SseDecoderStream({ maxEventBytes: 1_000_020 })
      kept.push(stage)
      const line = `data: ${"x".repeat(500_000)}`
      const isOpen = name === "was cancelled"
      const chunks = [`${line}\n${line}`, ...rest].map((text) => new TextEncoder().encode(text))
      const reader = fromPull<Uint8Array>({
        pull(controller) {
          const chunk = chunks.shift()
          if (chunk !== undefined) controller.enqueue(chunk)
          else if (!isOpen) controller.close()
        },
      })
        .pipeThrough(stage)
        .getReader()
      reader.closed.catch(() => {})
      if (name !== "has failed") void reader.read()
      await new Promise((resolve) => setImmediate(resolve))
      await end(reader)
    }
    expect(kept).toHaveLength(16)
    expect(heapMb() - before).toBeLessThan(4)
  })

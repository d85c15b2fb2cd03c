import { expect, test } from "vitest"
import { type BunWebSocketOptions, bunWebSocketHandlers } from "./bun-web-socket-handlers.ts"

const WRONG: readonly BunWebSocketOptions[] = [
  { maxPayloadBytes: 0 },
  { maxPayloadBytes: 0.5 },
  { maxPayloadBytes: Number.NaN },
  { maxPayloadBytes: Infinity },
  { maxPayloadBytes: 2 ** 31 },
  { pauseBytes: 0 },
  { pauseBytes: Number.NaN },
  { maxQueuedBytes: 1 },
  { maxQueuedBytes: Number.NaN },
]

test.each(WRONG)("bunWebSocketHandlers refuses %o before anybody connects", (options) => {
  expect(() => bunWebSocketHandlers(() => {}, options)).toThrow(RangeError)
})

test("bunWebSocketHandlers passes its limits on", () => {
  const limits = { pauseBytes: 1, maxQueuedBytes: 2, maxPayloadBytes: 3 }
  expect(bunWebSocketHandlers(() => {}, limits).maxPayloadLength).toBe(3)
})

import { expect, test } from "vitest"
import { runIn } from "../../scripts/run-in.ts"
import type { TransportResult } from "./in-runtime.ts"
import { startRelay } from "./relay.ts"

/** What each runtime has, and the least claims that it puts to all of it. */
test.each([
  ["node-22", ["MessageChannel"], 14],
  ["deno", ["MessageChannel", "WebSocket to the server", "WebSocket from the server"], 38],
  ["bun", ["MessageChannel", "WebSocket to the server", "WebSocket from the server"], 38],
  ["workerd", ["MessageChannel", "WebSocketPair"], 26],
  [
    "chromium",
    [
      "MessageChannel",
      "Worker",
      "RTCDataChannel",
      "RTCDataChannel from an event",
      "WebSocket by way of a server",
      "WebSocketStream by way of a server",
    ],
    80,
  ],
] as const)("The transports of %s hold the claims of the suite", async (runtime, names, least) => {
  await using relay = await startRelay("http://localhost")
  const { code, values, output } = await runIn("test/transports/in-runtime.ts", runtime, {
    args: [relay.url],
    timeoutMs: 60_000,
  })
  const results = values as readonly TransportResult[]
  expect(results.filter(({ outcome }) => outcome === "failed")).toEqual([])
  expect(code, output).toBe(0)
  expect([...new Set(results.map(({ transport }) => transport))]).toEqual(names)
  expect(results.filter(({ outcome }) => outcome === "passed").length).toBeGreaterThanOrEqual(least)
})

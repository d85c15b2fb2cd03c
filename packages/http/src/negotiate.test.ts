import { expect, test } from "vitest"
import { negotiate } from "./negotiate.ts"

const offers = ["application/x-ndjson", "text/event-stream", "application/json"]

test.each([
  [null, "application/x-ndjson"],
  ["", "application/x-ndjson"],
  ["*/*", "application/x-ndjson"],
  ["text/event-stream", "text/event-stream"],
  ["TEXT/Event-Stream; charset=utf-8", "text/event-stream"],
  ["text/*", "text/event-stream"],
  ["application/json, text/event-stream;q=0.9", "application/json"],
  ["application/json;q=0.5, text/event-stream;q=0.9", "text/event-stream"],
  ["application/json;q=0.5, */*;q=0.1", "application/json"],
  ["text/event-stream, */*", "text/event-stream"],
  ["application/*;q=0.4, application/json;q=0.2, text/event-stream;q=0.3", "application/x-ndjson"],
  ["*/*, application/x-ndjson;q=0", "text/event-stream"],
  ["text/html, application/xhtml+xml, */*;q=0.8", "application/x-ndjson"],
  ["garbage, application/json;q=1.000", "application/json"],
  ["application/json;q=7, text/event-stream;q=0.1", "text/event-stream"],
  ["image/png", undefined],
  ["*/*;q=0", undefined],
  ["application/json;q=0", undefined],
] as const)("negotiate answers %j with %j", (accept, type) => {
  expect(negotiate(accept, offers)).toBe(type)
})

test("negotiate takes a hostile header in linear time", () => {
  const began = performance.now()
  negotiate("a/b;q=0.1,".repeat(100_000), offers)
  negotiate("/".repeat(1_000_000), offers)
  expect(performance.now() - began).toBeLessThan(200)
})

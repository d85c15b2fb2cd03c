import { expect, test } from "vitest"
import { EventStream } from "./event-stream.ts"
import { openLogStream } from "./open-log-stream.ts"

test.each([
  { retryMs: -1 },
  { maxRetryMs: Number.NaN },
  { maxFailures: -1 },
  { idleTimeoutMs: Number.NaN },
])("%j is refused before anything is fetched", (options) => {
  const fetch = () => expect.unreachable()
  const url = "http://localhost/"
  expect(() => new EventStream(url, { ...options, fetch })).toThrow(RangeError)
  expect(() => openLogStream(url, { ...options, fetch })).toThrow(RangeError)
})

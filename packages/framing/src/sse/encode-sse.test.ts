import { expect, test } from "vitest"
import { readVectors } from "../../testing/vectors.ts"
import { decodeSse } from "./decode-sse.ts"
import { encodeSse, encodeSseText } from "./encode-sse.ts"
import type { SseEventInit } from "./sse-event.ts"

interface Vector {
  id: string
  event: SseEventInit
  text?: string
  decoded?: [string, string, string][]
  refused?: true
}

for (const { id, event, text, decoded, refused } of readVectors<Vector>("sse-encode"))
  test(`encodeSse ${refused ? "refuses" : "writes"} vector ${id}`, () => {
    if (refused) {
      expect(() => encodeSse([event])).toThrow(TypeError)
      expect(() => encodeSse([event])).toThrow(/^Cannot encode an SSE event: /)
    } else {
      const bytes = encodeSse([event])
      expect(new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes)).toBe(text)
      const events = decodeSse(bytes).map((e) => [e.type, e.data, e.lastEventId])
      expect(events).toStrictEqual(decoded)
    }
  })

test("encodeSse refuses a retry of NaN or Infinity", () => {
  for (const retry of [Number.NaN, 1 / 0]) expect(() => encodeSseText({ retry })).toThrow(TypeError)
})

test("encodeSse says what is wrong with an event, and shows no more than its start", () => {
  const long = "x".repeat(1e6)
  for (const [event, message] of [
    [{ event: `ab\n${long}` }, `event has a CR, LF or NUL at 2, found "ab\\n${"x".repeat(61)}"; `],
    [
      { id: `${long}\0` },
      `id has a CR, LF or NUL at 1000000, found "${"x".repeat(64)}"; remove it`,
    ],
    [{ retry: long }, "retry must be an integer from 0, not string"],
    [{ retry: Object.create(null) }, "retry must be an integer from 0, not object"],
    [{ retry: -5 }, "retry must be an integer from 0, not -5"],
    [{ data: null }, "data must be a string, not object"],
    [undefined, "it has no field; give event"],
    [null, "it has no field; give event"],
    ["data", "it has no field; give event"],
  ] as [SseEventInit, string][]) {
    expect(() => encodeSseText(event)).toThrow(`Cannot encode an SSE event: ${message}`)
    expect(() => encodeSseText(event)).toThrow(TypeError)
  }
})

test("encodeSse joins the events of an iterable", () => {
  const bytes = encodeSse([{ data: "a" }, { comment: "c" }, { data: "b" }])
  expect(new TextDecoder().decode(bytes)).toBe("data: a\n\n: c\ndata: b\n\n")
  expect(encodeSse([])).toHaveLength(0)
})

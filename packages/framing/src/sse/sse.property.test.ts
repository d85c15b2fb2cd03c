import fc from "fast-check"
import { expect, test } from "vitest"
import { runDecoder } from "../../testing/cuts.ts"
import { cutAt, hostileBytes } from "../../testing/hostile.ts"
import { roundTrips } from "../../testing/sse-round-trips.ts"
import { sseTwin } from "../../testing/sse-twin.ts"
import { undiciSse } from "../../testing/undici-sse.ts"
import { FramingError } from "../framing-error.ts"
import { SseDecoder } from "./sse-decoder.ts"
import type { SseEvent } from "./sse-event.ts"

const pieces = [
  ..."\n\n\n\r\r: \0x9é€😀\ufeff\u2028",
  "\r\n",
  "\n\n",
  "data",
  "data:",
  ...["data: x\n\n", "data:1\r\n\r\n", "id: 8\ndata: z\n\n", "event: q\rdata\r\r"],
  ...["data: é\n\n", "data:\n\n"],
  "event:",
  "event: e\n",
  "id",
  "id:",
  "id: 7\n",
  "retry:",
  "retry: 10\n",
  ": c\n",
  "dat",
  "ï»¿",
]

test("SseDecoder agrees with its slow twin and with undici for any bytes and any cut", () => {
  let events = 0
  let ids = 0
  let judged = 0
  fc.assert(
    fc.property(hostileBytes(pieces), fc.array(fc.nat(), { maxLength: 6 }), (bytes, cut) => {
      const chunks = cutAt(bytes, cut)
      const comments: string[] = []
      const retries: number[] = []
      const decoder = new SseDecoder({
        onComment: (comment) => comments.push(comment),
        onRetry: (milliseconds) => retries.push(milliseconds),
      })
      const { values, error } = runDecoder(decoder, chunks)
      expect(error).toBeUndefined()
      const twin = sseTwin(bytes)
      expect({ values, comments, retries, id: decoder.lastEventId }).toStrictEqual({
        values: twin.events,
        comments: twin.comments,
        retries: twin.retries,
        id: twin.lastEventId,
      })
      // Against the standard, undici keeps an earlier type when an empty event field follows it.
      if (!/^event(: ?)?$/m.test(new TextDecoder().decode(bytes))) {
        expect(undiciSse(chunks)).toStrictEqual(twin.events)
        judged += twin.events.length
      }
      events += twin.events.length
      ids += twin.lastEventId === "" ? 0 : 1
    }),
    { numRuns: 6000 },
  )
  expect(events).toBeGreaterThan(2000)
  expect(judged).toBeGreaterThan(1500)
  expect(ids).toBeGreaterThan(200)
})

test("SseDecoder refuses an event at its limit and not before, for any bytes and any cut", () => {
  let refused = 0
  fc.assert(
    fc.property(
      hostileBytes(pieces),
      fc.array(fc.nat(), { maxLength: 6 }),
      fc.integer({ min: 1, max: 24 }),
      (bytes, cut, maxEventBytes) => {
        const twin = sseTwin(bytes)
        const { values, error } = runDecoder(new SseDecoder({ maxEventBytes }), cutAt(bytes, cut))
        const whole = runDecoder(new SseDecoder({ maxEventBytes }), [bytes])
        expect({ ...(error as object) }).toStrictEqual({ ...(whole.error as object) })
        if (twin.largest <= maxEventBytes) {
          expect(error).toBeUndefined()
          expect(values).toStrictEqual(twin.events)
          return
        }
        refused++
        expect(error).toBeInstanceOf(FramingError)
        const { record = 0, byteOffset = -1 } = error as FramingError
        const before = sseTwin(bytes.subarray(0, byteOffset))
        expect(before.largest).toBeLessThanOrEqual(maxEventBytes)
        expect(values).toStrictEqual(before.events satisfies SseEvent[])
        expect(record).toBe(before.events.length + 1)
      },
    ),
    { numRuns: 6000 },
  )
  expect(refused).toBeGreaterThan(500)
})

test("SseDecoder counts comments that are asked for the same for any bytes and any cut", () => {
  let refused = 0
  let comments = 0
  fc.assert(
    fc.property(
      hostileBytes([":", ": cc\n", ...pieces]),
      fc.array(fc.nat(), { maxLength: 6 }),
      fc.integer({ min: 1, max: 16 }),
      (bytes, cut, maxEventBytes) => {
        const run = (chunks: Uint8Array[]): unknown[] => {
          const seen: unknown[] = []
          const onComment = (comment: string): number => seen.push(comment)
          const decoder = new SseDecoder({ maxEventBytes, onComment })
          const { values, error } = runDecoder(decoder, chunks)
          comments += seen.length
          return [values, seen, decoder.lastEventId, { ...(error as object) }]
        }
        const whole = run([bytes])
        expect(run(cutAt(bytes, cut))).toStrictEqual(whole)
        refused += Object.keys(whole[3] as object).length > 0 ? 1 : 0
        const twin = sseTwin(bytes)
        if (twin.largest > maxEventBytes) expect(whole[3]).toHaveProperty("code")
      },
    ),
    { numRuns: 5000 },
  )
  expect(refused).toBeGreaterThan(500)
  expect(comments).toBeGreaterThan(500)
})

test("encodeSse round-trips hostile strings before two judges", () => {
  expect(roundTrips(400)).toBeGreaterThan(2000)
})

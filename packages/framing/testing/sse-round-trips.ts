import fc from "fast-check"
import { expect } from "vitest"
import { decodeSse } from "../src/sse/decode-sse.ts"
import { encodeSse } from "../src/sse/encode-sse.ts"
import type { SseEvent, SseEventInit } from "../src/sse/sse-event.ts"
import { hostileString } from "./hostile.ts"
import { sseTwin } from "./sse-twin.ts"
import { undiciSse } from "./undici-sse.ts"

const safeLine = hostileString.map((text) => text.replace(/[\r\n\0]/g, ""))

const init: fc.Arbitrary<SseEventInit> = fc.record(
  {
    event: safeLine,
    data: hostileString,
    id: safeLine,
    retry: fc.nat(),
    comment: hostileString,
  },
  { requiredKeys: ["data"] },
)

/**
 * Encodes arrays of hostile events, reads them back by our decoder, by the slow twin and by undici,
 * and expects what was given. Gives how many events made the trip.
 */
export function roundTrips(runs: number): number {
  let trips = 0
  fc.assert(
    fc.property(fc.array(init, { minLength: 1, maxLength: 20 }), (inits) => {
      const bytes = encodeSse(inits)
      const expected: SseEvent[] = []
      let lastEventId = ""
      for (const { event = "", data = "", id } of inits) {
        lastEventId = wellFormed(id ?? lastEventId)
        expected.push({
          type: wellFormed(event) || "message",
          data: wellFormed(data).replace(/\r\n?/g, "\n"),
          lastEventId,
        })
      }
      expect(decodeSse(bytes)).toStrictEqual(expected)
      expect(sseTwin(bytes).events).toStrictEqual(expected)
      expect(undiciSse([bytes])).toStrictEqual(expected)
      trips += inits.length
    }),
    { numRuns: runs },
  )
  return trips
}

/** A text as UTF-8 keeps it: a lone surrogate becomes U+FFFD. */
function wellFormed(text: string): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(new TextEncoder().encode(text))
}

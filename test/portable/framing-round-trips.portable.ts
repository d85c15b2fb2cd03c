import { concatBytes } from "@bellmouth/core"
import {
  ByteLineDecoder,
  decodeByteLines,
  decodeFrames,
  decodeJson,
  decodeJsonElements,
  decodeJsonSequence,
  decodeLines,
  decodeNdjson,
  decodeSse,
  encodeFrames,
  encodeJson,
  encodeJsonSequence,
  encodeLines,
  encodeNdjson,
  encodeSse,
  FrameDecoder,
  type IncrementalDecoder,
  JsonElementDecoder,
  JsonElementEncoder,
  JsonSequenceDecoder,
  LineDecoder,
  NdjsonDecoder,
  SseDecoder,
  type SseEvent,
  type SseEventInit,
} from "@bellmouth/framing"
import { hex } from "../../packages/framing/testing/cuts.ts"
import { sseTwin } from "../../packages/framing/testing/sse-twin.ts"
import { equal, ok } from "./assert.ts"
import { numbers } from "./framing-run.ts"
import type { PortableSuite, PortableTest } from "./suite.ts"

const UNITS = [
  ...'\r\n\0:\ufeff\u2028\u2029\u0085\t \ud83d\ude00\ud800\udfff\x1eé€x"\\[]{},',
  ...["\r\n", "\n\n", "data:", "event: ", "id: ", "retry: 1", "ï»¿", "__proto__", "😀"],
]

type Next = (below: number) => number

function hostile(next: Next): string {
  let text = ""
  for (let left = next(9); left > 0; left--) text += UNITS[next(UNITS.length)]
  return text
}

function list<T>(next: Next, most: number, item: (next: Next) => T): T[] {
  return Array.from({ length: next(most + 1) }, () => item(next))
}

/** A value as JSON gives it back: no key twice, no number that it has not. */
function value(next: Next): unknown {
  switch (next(7)) {
    case 0:
      return list(next, 3, value)
    case 1:
      return Object.fromEntries(list(next, 3, (more) => [hostile(more), value(more)]))
    case 2:
      return [null, true, false, 0, 1.5, -1e300, 9007199254740991][next(7)]
    default:
      return hostile(next)
  }
}

/** A text as UTF-8 keeps it: a lone surrogate becomes U+FFFD. */
function wellFormed(text: string): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(new TextEncoder().encode(text))
}

const itself = (each: unknown): unknown => each

/** Encodes lists of hostile items, and expects them back from one call, and from chunks. */
function roundTrips<T, V>(
  runs: number,
  item: (next: Next) => T,
  encode: (items: T[]) => Uint8Array,
  decode: (bytes: Uint8Array) => V[],
  create: () => IncrementalDecoder<V>,
  show: (each: never) => unknown = itself,
): PortableTest {
  return () => {
    const next = numbers(0xbe11)
    let trips = 0
    for (let run = 0; run < runs; run++) {
      const items = list(next, 8, item)
      const bytes = encode(items)
      const sent = items.map((each) => show(each as never))
      const values = decode(bytes)
      equal(
        values.map((each) => show(each as never)),
        sent,
        `round trip ${run}`,
      )
      const cut: unknown[] = []
      const emit = (each: V): void => {
        cut.push(show(each as never))
      }
      const decoder = create()
      for (let at = 0; at < bytes.length; ) {
        const end = at + 1 + next(9)
        decoder.push(bytes.slice(at, end), emit)
        at = end
      }
      decoder.finish(emit)
      equal(cut, sent, `round trip ${run} in chunks`)
      trips += items.length
    }
    ok(trips > runs * 3, `There were only ${trips} round trips`)
  }
}

const line = (next: Next): string => `x${wellFormed(hostile(next).replaceAll("\n", ""))}x`
const body = (next: Next): Uint8Array => new TextEncoder().encode(hostile(next))

function elements(items: unknown[]): Uint8Array {
  const encoder = new JsonElementEncoder()
  return concatBytes([...items.map((item) => encoder.push([item])), encoder.finish()])
}

/** What a listener sees of events that were encoded. */
function seen(inits: readonly SseEventInit[]): SseEvent[] {
  let lastEventId = ""
  return inits.map(({ event = "", data = "", id = lastEventId }) => {
    lastEventId = wellFormed(id)
    const type = wellFormed(event) || "message"
    return { type, data: wellFormed(data).replaceAll(/\r\n?/g, "\n"), lastEventId }
  })
}

const events: PortableTest = () => {
  const next = numbers(0x55e)
  const name = (): string => hostile(next).replaceAll(/[\r\n\0]/g, "")
  let trips = 0
  for (let run = 0; run < 2_500; run++) {
    const inits = list(
      next,
      8,
      (): SseEventInit => ({
        data: hostile(next),
        ...(next(2) === 0 && { event: name() }),
        ...(next(2) === 0 && { id: name() }),
        ...(next(2) === 0 && { retry: next(1e6) }),
        ...(next(2) === 0 && { comment: hostile(next) }),
      }),
    )
    const bytes = encodeSse(inits)
    const expected = seen(inits)
    equal(decodeSse(bytes), expected, `round trip ${run}`)
    equal(sseTwin(bytes).events, expected, `round trip ${run} before the twin`)
    const decoder = new SseDecoder()
    const cut: SseEvent[] = []
    for (const byte of bytes) decoder.push(Uint8Array.of(byte), (event) => cut.push(event))
    equal(cut, expected, `round trip ${run} in bytes`)
    trips += inits.length
  }
  ok(trips > 9_000, `There were only ${trips} round trips`)
}

export const suite: PortableSuite = {
  name: "framing: round trips of hostile values",
  tests: {
    "NDJSON gives back what it was given": roundTrips(
      500,
      value,
      encodeNdjson,
      decodeNdjson,
      () => new NdjsonDecoder(),
    ),
    "One JSON value comes back": roundTrips(
      500,
      value,
      (items) => encodeJson(items),
      (bytes) => decodeJson<unknown[]>(bytes),
      () => new JsonElementDecoder(),
    ),
    "The elements of a JSON array come back": roundTrips(
      500,
      value,
      elements,
      decodeJsonElements,
      () => new JsonElementDecoder(),
    ),
    "A JSON sequence comes back": roundTrips(
      500,
      value,
      encodeJsonSequence,
      decodeJsonSequence,
      () => new JsonSequenceDecoder(),
    ),
    "Lines of text come back": roundTrips(
      500,
      line,
      encodeLines,
      decodeLines,
      () => new LineDecoder(),
    ),
    "Lines of bytes come back": roundTrips(
      500,
      (next) => new TextEncoder().encode(line(next)),
      encodeLines,
      decodeByteLines,
      () => new ByteLineDecoder(),
      hex,
    ),
    "Frames come back": roundTrips(
      500,
      body,
      encodeFrames,
      decodeFrames,
      () => new FrameDecoder(),
      hex,
    ),
    "Events come back, before the decoder and its slow twin": events,
  },
}

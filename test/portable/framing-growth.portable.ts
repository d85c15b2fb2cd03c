import {
  ByteLineDecoder,
  FrameDecoder,
  type IncrementalDecoder,
  JsonDecoder,
  JsonElementDecoder,
  JsonSequenceDecoder,
  LineDecoder,
  NdjsonDecoder,
  SseDecoder,
} from "@bellmouth/framing"
import { type GrowthCase, isLinear } from "../../packages/framing/testing/growth.ts"
import { ok } from "./assert.ts"
import { type PortableSuite, type PortableTest, skip } from "./suite.ts"

const MOST = 1e9

/** Inputs that a decoder holds to their end, in chunks of 64 bytes. */
const cases: readonly GrowthCase[] = [
  held("an NDJSON line", () => new NdjsonDecoder({ maxLineBytes: MOST }), '"', '"\n'),
  held("an SSE data line", () => new SseDecoder({ maxEventBytes: MOST }), "data: ", "\n\n"),
  {
    ...held("SSE data lines", () => new SseDecoder({ maxEventBytes: MOST }), "", "\n\n"),
    body: "data: x\n",
  },
  held("a JSON value", () => new JsonDecoder({ maxBytes: MOST }), '"', '"'),
  held("a JSON element", () => new JsonElementDecoder({ maxElementBytes: MOST }), '["', '"]'),
  held(
    "a JSON sequence element",
    () => new JsonSequenceDecoder({ maxElementBytes: MOST }),
    '\x1e"',
    '"\n',
  ),
  held("a line of text", () => new LineDecoder({ maxLineBytes: MOST }), "", "\n"),
  held("a line of bytes", () => new ByteLineDecoder({ maxLineBytes: MOST }), "", "\n"),
  {
    ...held("a frame", () => endless(new FrameDecoder({ maxFrameBytes: MOST })), "\x20\0\0\0", ""),
    values: 0,
  },
]

function held(
  name: string,
  create: () => IncrementalDecoder<unknown>,
  head: string,
  tail: string,
): GrowthCase {
  return { name, create, head, body: "x", tail, values: 1 }
}

/** A frame decoder that may end inside a frame. */
function endless(decoder: FrameDecoder): IncrementalDecoder<unknown> {
  return { push: (chunk, emit) => decoder.push(chunk, emit), finish: () => {} }
}

/** Workers see no time pass while they compute. */
function needsClock(): void {
  const start = performance.now()
  let sum = 0
  for (let n = 0; n < 3e7; n++) sum += n % 7
  if (performance.now() === start || sum === 0) skip("the clock stands still while code runs")
}

export const suite: PortableSuite = {
  name: "framing: linear time",
  tests: Object.fromEntries(
    cases.map((growth): [string, PortableTest] => [
      `The time for ${growth.name} in 64-byte chunks grows with its length`,
      () => {
        needsClock()
        ok(isLinear(growth, 8_000, { runs: 3 }), "Twice the input took more than 2.6 times as long")
      },
    ]),
  ),
}

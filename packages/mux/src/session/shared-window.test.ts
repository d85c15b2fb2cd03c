import { expect, test } from "vitest"
import type { ChannelCore } from "../channel/channel-core.ts"
import { encodeHello } from "./hello.ts"
import { type Limits, limitsOf } from "./limits.ts"
import { SessionCore } from "./session-core.ts"

const ITEM = new Uint8Array(65_536)
const WINDOW_BYTES = 262_144
const SHARED_BYTES = 16_384

function sessionCore(limits: Limits, accepted: ChannelCore[]): SessionCore {
  return new SessionCore(limits, encodeHello(limits, undefined), {
    hello() {},
    channel(channel) {
      channel.inbound.isAwaited = () => true
      accepted.push(channel)
    },
    request(channel) {
      channel.answer(new Uint8Array(1))
      channel.release()
    },
    output() {},
    over: (error) => {
      throw error ?? new Error("over")
    },
  })
}

interface Way {
  readonly isByteStream: boolean
  readonly delayMs: number
}

/** A channel of bulk, whose reader takes all that comes; every turn takes as long as the way. */
function bulk({ isByteStream, delayMs }: Way) {
  let now = 0
  const clock = { now: () => now, schedule: () => () => {} }
  const limits = limitsOf({ clock, isByteStream })
  const accepted: ChannelCore[] = []
  const [client, server] = [sessionCore(limits, []), sessionCore(limits, accepted)]
  const channel = client.open(new Uint8Array(0), WINDOW_BYTES, false)
  /** Gives the bytes that went before the next thing could. */
  const turn = (isAsked: boolean): number => {
    if (isAsked) client.open(new Uint8Array(100), WINDOW_BYTES, true)
    let sent = 0
    for (let chunk = client.take(); chunk !== undefined; chunk = client.take()) {
      while (channel.outbound.room > 0) channel.write(ITEM)
      sent += chunk.byteLength
      server.receive(chunk)
    }
    for (const { inbound } of accepted) while (inbound.take() !== undefined);
    now += delayMs
    for (let chunk = server.take(); chunk !== undefined; chunk = server.take()) {
      client.receive(chunk)
    }
    now += delayMs
    while (channel.outbound.room > 0) channel.write(ITEM)
    return sent
  }
  return (count: number, isAsked: boolean): number[] =>
    Array.from({ length: count }, () => turn(isAsked))
}

test.each([
  [false, SHARED_BYTES + 4096],
  [true, SHARED_BYTES + ITEM.length],
])(
  "Beside requests little goes before them, and a window where there are none: bytes %s",
  (isByteStream, most) => {
    const turns = bulk({ isByteStream, delayMs: 0.1 })
    expect(Math.min(...turns(20, false).slice(10))).toBeGreaterThan(WINDOW_BYTES / 2)
    expect(Math.max(...turns(40, true).slice(10))).toBeLessThan(most)
    // A MiB later all is as it was.
    turns(100, false)
    expect(Math.min(...turns(10, false))).toBeGreaterThan(WINDOW_BYTES / 2)
  },
)

test("A long way is filled also beside requests", () => {
  const turns = bulk({ isByteStream: false, delayMs: 50 })
  turns(20, false)
  expect(Math.min(...turns(40, true))).toBeGreaterThan(WINDOW_BYTES / 2)
})

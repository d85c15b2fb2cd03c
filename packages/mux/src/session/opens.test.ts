import { expect, test } from "vitest"
import { ChannelCore, type ChannelHost } from "../channel/channel-core.ts"
import { Turn } from "../channel/turn.ts"
import type { Frame } from "../wire/frame.ts"
import { FrameDecoder } from "../wire/frame-decoder.ts"
import { type Control, FrameWriter } from "../wire/frame-writer.ts"
import { limitsOf } from "./limits.ts"
import { Opens } from "./opens.ts"

const MOST = 2 ** 31 - 1
const NOTHING = new Uint8Array(0)

const channelHost: ChannelHost = {
  peer: undefined,
  maxItemBytes: 1000,
  assembling: new Turn(),
  control() {},
  offer() {},
  withdraw() {},
  ended() {},
  taken() {},
}

test("The number 2^31-1 is the last: what is opened behind it is refused, and the session closes", () => {
  const limits = limitsOf({})
  const controls: Control[] = []
  const refused: string[] = []
  let closes = 0
  const peer = { ...limits, app: undefined, maxChannels: 3 }
  const opens = new Opens(
    {
      peer,
      freeBytes: 1e9,
      channels: new Map(),
      control: (write) => controls.push(write),
      touch() {},
      fail: (_, { code }) => refused.push(code),
      close: () => closes++,
    },
    limits,
  )
  opens.last = MOST - 2
  for (let n = 0; n < 5; n++) opens.add(new ChannelCore(channelHost, NOTHING, 1000, 1000))
  // Two are under way, and there is no number for the others.
  expect(refused).toEqual(["REFUSED", "REFUSED", "REFUSED"])
  expect(closes).toBe(0)
  const writer = new FrameWriter()
  for (const write of controls) write(writer)
  const frames: Frame[] = []
  const decoder = new FrameDecoder()
  for (const chunk of writer.take()) decoder.push(chunk, (frame) => frames.push(frame))
  expect(frames).toMatchObject([
    { type: "open", id: MOST - 1 },
    { type: "open", id: MOST },
  ])
  expect(closes).toBe(1)
  expect(opens.isEmpty).toBe(true)
})

import { expect, test } from "vitest"
import { ChannelCore, type ChannelHost } from "../channel/channel-core.ts"
import { Turn } from "../channel/turn.ts"
import type { Frame } from "../wire/frame.ts"
import { FrameDecoder } from "../wire/frame-decoder.ts"
import { FrameWriter } from "../wire/frame-writer.ts"
import { takeAll } from "../wire/take-all.ts"
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
  const refused: string[] = []
  let closes = 0
  const peer = { ...limits, app: undefined, maxChannels: 3 }
  const opens: Opens = new Opens(
    {
      peer,
      freeBytes: 1e9,
      channels: new Map(),
      touch() {},
      fail(channel, { code }) {
        refused.push(code)
        opens.waiting.delete(channel)
      },
      close: () => closes++,
    },
    limits,
  )
  opens.last = MOST - 2
  for (let n = 0; n < 5; n++) opens.add(new ChannelCore(channelHost, NOTHING, 1000, 1000))
  const writer = new FrameWriter()
  const steps = [1, 2, 3, 4, 5].map(() => [opens.open(writer), closes, refused.length])
  // Two are opened, and there is no number for the others.
  expect(steps).toEqual([
    [true, 0, 0],
    [true, 1, 0],
    [true, 1, 1],
    [true, 1, 2],
    [true, 1, 3],
  ])
  expect(opens.open(writer)).toBe(false)
  const frames: Frame[] = []
  const decoder = new FrameDecoder()
  for (const chunk of takeAll(writer)) decoder.push(chunk, (frame) => frames.push(frame))
  expect(frames).toMatchObject([
    { type: "open", id: MOST - 1 },
    { type: "open", id: MOST },
  ])
  expect(refused).toEqual(["REFUSED", "REFUSED", "REFUSED"])
})

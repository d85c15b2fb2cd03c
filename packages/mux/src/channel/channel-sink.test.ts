import { expect, test } from "vitest"
import { encodeHello } from "../session/hello.ts"
import { limitsOf } from "../session/limits.ts"
import { SessionCore } from "../session/session-core.ts"
import { ChannelSink } from "./channel-sink.ts"

test("An array that waits is checked once, however often there may be room", async () => {
  const limits = limitsOf({ maxQueuedBytes: 100 })
  const ignore = (): void => {}
  const events = { hello: ignore, channel: ignore, request: ignore, output: ignore, over: ignore }
  const core = new SessionCore(limits, encodeHello(limits, undefined), events)
  const channel = core.open(new Uint8Array(0), 100, false)
  const sink = new ChannelSink(channel)
  while (sink.room > 0) await sink.push(new Uint8Array(100))
  let checks = 0
  class Items extends Array<Uint8Array> {
    override [Symbol.iterator](): ArrayIterator<Uint8Array> {
      checks++
      return super[Symbol.iterator]()
    }
  }
  const written = sink.push(Items.from([new Uint8Array(1), new Uint8Array(2)]))
  checks = 0
  for (let n = 0; n < 10; n++) expect(sink.advance()).toBe(false)
  expect(checks).toBe(0)
  sink.fail(new Error("over"))
  await expect(written).rejects.toThrow("over")
})

import { expect, test } from "vitest"
import type { ValkeyConnection } from "../client/valkey-client.ts"
import { ChannelHub } from "./channel-hub.ts"
import { NodeLink } from "./node-link.ts"

/** A server that replies to subscriptions when it is told to. */
function slowServer() {
  const channels = new Set<string>()
  const replies: (() => void)[] = []
  const connection: ValkeyConnection = {
    send: async () => "OK",
    subscribe(channel) {
      channels.add(channel)
      return new Promise<void>((resolve) => replies.push(resolve))
    },
    unsubscribe: async (channel) => void channels.delete(channel),
    close: () => {},
  }
  const link = new NodeLink(undefined, {
    client: { connect: async () => connection },
    replyTimeoutMs: 10_000,
    beforeWrites: async () => {},
    message: () => {},
    unsubscribed: () => {},
  })
  const reply = (): void => {
    for (const resolve of replies.splice(0)) resolve()
  }
  return { channels, replies, link, reply }
}

function listener() {
  const heard = { isLive: false, woken: 0 }
  return { heard, woken: () => void heard.woken++, live: (is: boolean) => void (heard.isLive = is) }
}

test("who listens to a channel that another has just left, before it was subscribed to, hears of it", async () => {
  const { channels, replies, link, reply } = slowServer()
  const hub = new ChannelHub({ linkOf: () => link, moved: () => {} })
  const leave = hub.listen("log", listener())
  await expect.poll(() => replies.length, { interval: 1 }).toBe(1)
  leave()
  const second = listener()
  const leaveSecond = hub.listen("log", second)
  await expect.poll(() => replies.length, { interval: 1 }).toBe(2)
  reply()
  await expect.poll(() => second.heard, { interval: 1 }).toEqual({ isLive: true, woken: 1 })
  expect([...channels]).toEqual(["log"])
  leaveSecond()
  await expect.poll(() => channels.size, { interval: 1 }).toBe(0)
})

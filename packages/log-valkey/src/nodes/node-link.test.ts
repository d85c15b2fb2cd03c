import { expect, onTestFinished, test, vi } from "vitest"
import type { ValkeyClient, ValkeyConnection } from "../client/valkey-client.ts"
import { NodeLink } from "./node-link.ts"

const read = { type: "read" } as const

function linkTo(client: ValkeyClient, replyTimeoutMs = 20): NodeLink {
  return new NodeLink(undefined, {
    client,
    replyTimeoutMs,
    beforeWrites: async () => {},
    message: () => {},
    unsubscribed: () => {},
  })
}

/** A connection that never replies, and fails when it is closed. */
function silent(closed: () => void): ValkeyConnection {
  const end = Promise.withResolvers<never>()
  end.promise.catch(() => {})
  return {
    send: () => end.promise,
    subscribe: () => end.promise,
    unsubscribe: () => end.promise,
    close() {
      closed()
      end.reject(new Error("the connection was closed"))
    },
  }
}

test("a connection that does not come is not waited for, and is closed when it comes after all", async () => {
  const made = Promise.withResolvers<ValkeyConnection>()
  const signals: AbortSignal[] = []
  const link = linkTo({
    connect(_, { signal }) {
      signals.push(signal)
      return made.promise
    },
  })
  await expect(link.send(read, [["PING"]])).rejects.toThrow("took no connection within 20 ms")
  expect(signals.map(({ aborted }) => aborted)).toEqual([true])
  const isClosed = Promise.withResolvers<void>()
  made.resolve(silent(isClosed.resolve))
  await isClosed.promise
})

test("a connection that does not reply to a subscription is given up", async () => {
  let closed = 0
  const link = linkTo({ connect: async () => silent(() => closed++) })
  await expect(link.subscriptions.subscribe("log")).rejects.toThrow("was closed")
  expect([closed, link.subscriptions.isOpen]).toEqual([1, false])
})

test("a connection is given up soon after its time is over, whenever it has replied last", async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  for (const lastMs of [1, 240, 260, 990]) {
    let [isSilent, closed] = [false, 0]
    const end = silent(() => closed++)
    const link = linkTo(
      {
        connect: async () => ({ ...end, send: (words) => (isSilent ? end.send(words) : sleep(1)) }),
      },
      1_000,
    )
    const first = link.send(read, [["PING"]])
    await vi.advanceTimersByTimeAsync(lastMs)
    await first
    isSilent = true
    const second = link.send(read, [["PING"]])
    await vi.advanceTimersByTimeAsync(999)
    expect(closed).toBe(0)
    await vi.advanceTimersByTimeAsync(252)
    expect(closed).toBe(1)
    expect(await second).toMatchObject([{ error: { message: "the connection was closed" } }])
  }
})

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

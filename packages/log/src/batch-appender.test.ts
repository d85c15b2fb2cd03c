import { expect, test } from "vitest"
import type { Commit, CommitResult } from "./log-backend.ts"
import { MemoryBackend } from "./memory-log.ts"
import { openLog } from "./open-log.ts"

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/** Takes note of its commits, and fails the one of a number. */
class WatchedBackend extends MemoryBackend {
  readonly sizes: number[] = []
  readonly failing: number

  constructor(failing = Number.POSITIVE_INFINITY) {
    super({ maxBatchBytes: 100 })
    this.failing = failing
  }

  override async commit(commit: Commit): Promise<CommitResult> {
    if (this.sizes.push(commit.bytes.length) > this.failing) throw new Error("no space left")
    return super.commit(commit)
  }
}

test("appendBatch accepts maxPendingBytes and one batch at most, and the rest when there is room", async () => {
  const backend = new WatchedBackend()
  const log = openLog(backend)
  const calls = Array.from({ length: 30 }, () =>
    log.appendBatch(bytes("123"), { maxPendingBytes: 10 }),
  )
  expect((await Promise.all(calls)).map(({ offset }) => offset)).toEqual([...calls.keys()])
  // Each takes 4 bytes with its line feed.
  expect(Math.max(...backend.sizes)).toBe(12)
  expect(backend.sizes.reduce((sum, size) => sum + size)).toBe(120)
})

test("appendBatch puts what is called at the same time into one commit", async () => {
  const backend = new WatchedBackend()
  const log = openLog(backend)
  await Promise.all(Array.from({ length: 30 }, () => log.appendBatch(bytes("123"))))
  expect(backend.sizes).toEqual([120])
})

test("a call that may have more pending does not pass one that waits", async () => {
  const log = openLog(new WatchedBackend())
  const order: string[] = []
  const call = async (name: string, maxPendingBytes: number): Promise<void> => {
    const { offset } = await log.appendBatch(bytes(name), { maxPendingBytes })
    order[offset] = name
  }
  await Promise.all([call("first", 1), call("small", 1), call("large", 1_000)])
  expect(order).toEqual(["first", "small", "large"])
})

test("a batch that is refused once there is room makes way for the next", async () => {
  const log = openLog(new WatchedBackend())
  const limit = { maxPendingBytes: 1 }
  const calls = [bytes("a"), new Uint8Array(100), bytes("b")].map((batch) =>
    log.appendBatch(batch, limit),
  )
  const results = await Promise.allSettled(calls)
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"])
  expect(await log.tail()).toBe(2)
})

test("a failed write rejects what was under way, and what waits, and what comes", async () => {
  const log = openLog(new WatchedBackend(1))
  const calls = Array.from({ length: 6 }, () =>
    log.appendBatch(bytes("12"), { maxPendingBytes: 6 }),
  )
  const results = await Promise.allSettled(calls)
  const codes = results.map((result) => (result.status === "rejected" ? result.reason.code : "ok"))
  expect(codes).toEqual(["ok", "ok", "WRITE_FAILED", "WRITE_FAILED", "POISONED", "POISONED"])
  await expect(log.appendBatch(bytes("late"))).rejects.toMatchObject({ code: "POISONED" })
  expect(await log.tail()).toBe(2)
  await log.close()
})

test("closing stores what waits, too", async () => {
  const backend = new WatchedBackend()
  const log = openLog(backend)
  const calls = Array.from({ length: 9 }, () => log.appendBatch(bytes("1"), { maxPendingBytes: 1 }))
  await log.close()
  expect(await Promise.all(calls)).toHaveLength(9)
  expect(backend.sizes).toEqual(Array.from({ length: 9 }, () => 2))
})

test("what appendBatch is given wrong rejects, and never throws", async () => {
  const log = openLog(new WatchedBackend())
  const calls = [
    log.appendBatch("text" as unknown as Uint8Array),
    log.appendBatch([]),
    log.appendBatch(bytes("a"), { maxPendingBytes: 0.5 }),
    log.appendBatch(bytes("a"), { producer: { id: "", epoch: 0 } }),
  ]
  for (const result of await Promise.allSettled(calls)) expect(result.status).toBe("rejected")
  expect(await log.tail()).toBe(0)
})

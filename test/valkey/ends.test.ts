import { openValkeyLog } from "@bellmouth/log-valkey"
import { expect, test } from "vitest"
import { FakeServer } from "./fake-server.ts"

test("a follower gets what another process appends before it seals, also when nothing tells of it", async () => {
  const server = new FakeServer()
  server.tail = 3
  await using log = await openValkeyLog(server.client, "log", { pollMs: 600_000 })
  const offsets: number[] = []
  const following = (async () => {
    for await (const { offset } of log.replay({ follow: true })) offsets.push(offset)
  })()
  const wake = await server.listening.promise
  let ranges = 0
  server.before = (name) => {
    if (name === "XRANGE") ranges++
    // The follower has found one record, and nothing after it.
    if (name !== "HMGET" || ranges < 2 || offsets.length < 4 || server.isSealed) return
    server.tail = 5
    server.isSealed = true
  }
  server.tail = 4
  wake()
  await following
  expect(offsets).toEqual([0, 1, 2, 3, 4])
})

test("a log that was closed connects to nothing any more", async () => {
  const server = new FakeServer()
  server.tail = 100_000
  const log = await openValkeyLog(server.client, "log")
  const reader = log.replayBatches().getReader()
  await reader.read()
  // Pages are under way, and do not come.
  server.before = (name) => (name === "XRANGE" ? new Promise(() => {}) : undefined)
  const reading = (async () => {
    while (!(await reader.read()).done);
  })()
  reading.catch(() => {})
  await settled()
  const { connections } = server
  await log.close()
  await expect(reading).rejects.toMatchObject({ code: "CLOSED" })
  await expect(log.tail()).rejects.toMatchObject({ code: "CLOSED" })
  await settled()
  expect(server.connections).toBe(connections)
})

/** All that waits for nothing outside of this process is done. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

import { restoreSnapshot, toOffset } from "@bellmouth/log"
import { fromIovalkey, openValkeyLog, openValkeySnapshotStore } from "@bellmouth/log-valkey"
import { Redis } from "iovalkey"
import { expect, test } from "vitest"
import { hasServer, startServer } from "./server.ts"

test.skipIf(!(await hasServer()))(
  "a snapshot in Valkey is begun with, and a late one does no harm",
  async () => {
    await using server = await startServer()
    const { host, port } = server
    const client = fromIovalkey(new Redis({ host, port, lazyConnect: true }))
    await using log = await openValkeyLog(client, "counted")
    await using store = await openValkeySnapshotStore<{ n: number }>(client, "counted")
    expect(await store.load()).toBeUndefined()
    let steps = 0
    const reducer = ({ n }: { n: number }): { n: number } => {
      steps++
      return { n: n + 1 }
    }
    for (let round = 1; round <= 3; round++) {
      const writer = log.writable().getWriter()
      await writer.write(new Uint8Array([round]))
      await writer.close()
      const { state } = await restoreSnapshot(log, { reducer, initial: { n: 0 }, store })
      expect(state).toEqual({ n: round })
    }
    expect(steps).toBe(3)
    await store.save({ log: log.id, offset: toOffset(1), state: { n: 1 } })
    expect(await store.load()).toEqual({ log: log.id, offset: 3, state: { n: 3 } })
    await store.save({ log: "another", offset: toOffset(1), state: { n: 7 } })
    expect((await store.load())?.state).toEqual({ n: 7 })
    await server.admin.set("bellmouth:{n-taken}:snapshot", "text")
    await using taken = await openValkeySnapshotStore(client, "taken")
    await expect(taken.load()).rejects.toMatchObject({ code: "NOT_A_LOG" })
    await expect(taken.save({ log: "", offset: toOffset(0), state: 1 })).rejects.toMatchObject({
      code: "NOT_A_LOG",
    })
  },
)

test("a snapshot is in bytes when it is told how", async () => {
  if (!(await hasServer())) return
  await using server = await startServer()
  const { host, port } = server
  const client = fromIovalkey(new Redis({ host, port, lazyConnect: true }))
  await using store = await openValkeySnapshotStore<number>(client, "bytes", {
    encode: (state) => new Uint8Array([0, 255, state]),
    decode: (bytes) => bytes[2] ?? 0,
  })
  await store.save({ log: "a", offset: toOffset(1), state: 10 })
  expect((await store.load())?.state).toBe(10)
  expect(await server.admin.hgetBuffer("bellmouth:{n-bytes}:snapshot", "state")).toEqual(
    Buffer.from([0, 255, 10]),
  )
})

test("options that a snapshot store can not have are refused, before anything is asked", async () => {
  const client = { connect: () => Promise.reject(new Error("nobody listens there")) }
  for (const options of [
    { prefix: "a{b}" },
    { prefix: "x".repeat(257) },
    { timeoutMs: Number.NaN },
    { timeoutMs: 0 },
    { timeoutMs: 2 ** 31 },
  ]) {
    const opening = openValkeySnapshotStore(client, "options", options)
    await expect(opening, JSON.stringify(options)).rejects.toThrow(RangeError)
  }
})

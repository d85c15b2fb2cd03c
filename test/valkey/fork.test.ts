import { START, toOffset } from "@bellmouth/log"
import { fromIovalkey, openValkeyLog, type ValkeyClient } from "@bellmouth/log-valkey"
import { Redis } from "iovalkey"
import { expect, test } from "vitest"
import { hasServer, startServer } from "./server.ts"

/** A client that is cut off for good after so many commands: its process has died. */
function dying(client: ValkeyClient, commands: { left: number }): ValkeyClient {
  return {
    async connect(node, events) {
      const connection = await client.connect(node, events)
      return {
        ...connection,
        async send(command) {
          if (commands.left-- <= 0) throw new Error("the process has died")
          return connection.send(command)
        },
      }
    },
  }
}

test.skipIf(!(await hasServer()))(
  "a fork that dies after any of its commands leaves nothing that opens, and nothing that stays",
  async () => {
    await using server = await startServer()
    const { host, port, admin } = server
    const client = fromIovalkey(new Redis({ host, port, lazyConnect: true }))
    await using origin = await openValkeyLog(client, "origin")
    const writer = origin.writable({ producer: { id: "till", epoch: 0 } }).getWriter()
    for (let n = 0; n < 40; n++) await writer.write(new Uint8Array([n]))
    await writer.close()
    const at = toOffset(33)
    let died = 0
    let drafts = 0
    for (let left = 0; ; left++) {
      const name = `fork ${left}`
      const commands = { left: 1_000 }
      const log = await openValkeyLog(dying(client, commands), "origin", { timeoutMs: 1 })
      commands.left = left
      const fork = await log.fork(at, name).catch((error: unknown) => error)
      commands.left = 1_000
      const keys = await admin.keys(`bellmouth:{n-fork_20${left}}*`)
      if (!(fork instanceof Error)) {
        expect(keys.filter((key) => key.includes(":draft:"))).toEqual([])
        break
      }
      died++
      expect(fork).toMatchObject({ code: expect.stringMatching(/WRITE_FAILED|READ_FAILED/) })
      const opening = openValkeyLog(client, name, { mode: "read" })
      await expect(opening).rejects.toMatchObject({ code: "NOT_A_LOG" })
      for (const key of keys) {
        expect(key).toContain(":draft:")
        expect(await admin.ttl(key)).toBeGreaterThan(0)
      }
      drafts += keys.length
      // The place is free: a later attempt takes it.
      await using again = await origin.fork(at, name)
      expect(await again.tail()).toBe(33)
      await log.close()
    }
    expect(died).toBeGreaterThan(7)
    expect(drafts).toBeGreaterThan(3)
  },
)

test.skipIf(!(await hasServer()))(
  "a fork to a place that is taken is EXISTS, and harms nothing",
  async () => {
    await using server = await startServer()
    const { host, port, admin } = server
    const client = fromIovalkey(new Redis({ host, port, lazyConnect: true }))
    await using origin = await openValkeyLog(client, "origin")
    await using other = await openValkeyLog(client, "other")
    await expect(origin.fork(START, "other")).rejects.toMatchObject({ code: "EXISTS" })
    await expect(origin.fork(START, "origin")).rejects.toMatchObject({ code: "EXISTS" })
    await admin.set("bellmouth:{n-text}", "text")
    await expect(origin.fork(START, "text")).rejects.toMatchObject({ code: "EXISTS" })
    expect(await admin.get("bellmouth:{n-text}")).toBe("text")
    expect(await other.tail()).toBe(0)
  },
)

test.skipIf(!(await hasServer()))(
  "a fork of large records is copied in parts of some 32 MiB, however many there are",
  async () => {
    await using server = await startServer()
    const { host, port } = server
    const client = fromIovalkey(new Redis({ host, port, lazyConnect: true }))
    let [largest, copied] = [0, 0]
    const measured: ValkeyClient = {
      async connect(node, events) {
        const connection = await client.connect(node, events)
        return {
          ...connection,
          send(command) {
            const size = command.reduce((sum, word) => sum + word.length, 0)
            largest = Math.max(largest, size)
            copied += size
            return connection.send(command)
          },
        }
      },
    }
    await using origin = await openValkeyLog(measured, "large")
    for (let n = 0; n < 18; n++) await origin.appendBatch(new Uint8Array(4 * 2 ** 20).fill(n))
    copied = 0
    await using fork = await origin.fork(toOffset(17), "copy")
    expect(await fork.tail()).toBe(17)
    expect(copied).toBeGreaterThan(17 * 4 * 2 ** 20)
    expect(largest).toBeLessThan(33 * 2 ** 20)
    expect((await Array.fromAsync(fork.replay({ from: { last: 1 } })))[0]?.data[7]).toBe(16)
  },
)

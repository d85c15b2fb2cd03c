import type { Log } from "@bellmouth/log"
import { fromIovalkey, openValkeyLog, type ValkeyClient } from "@bellmouth/log-valkey"
import { Redis } from "iovalkey"
import { describe, expect, test } from "vitest"
import { hasServer, startServer } from "./server.ts"

for (const kind of ["valkey", "redis"] as const)
  describe.skipIf(!(await hasServer(kind)))(`transactions that ${kind} refuses`, () => {
    for (const command of ["multi", "rename", "exec"])
      test(`without ${command} one is tried, and no other`, async () => {
        await using server = await startServer({ kind })
        const { admin, host, port } = server
        await admin.call("ACL", "SETUSER", "some", "on", ">x", "~*", "&*", "+@all")
        const login = { username: "some", password: "x" }
        const { client, seen } = watched(
          fromIovalkey(new Redis({ host, port, lazyConnect: true, ...login })),
        )
        const log = await openValkeyLog(client, "log")
        // The second commit knows the tail.
        await append(log)
        await append(log)
        expect(seen.transactions).toBe(1)
        await admin.call("ACL", "SETUSER", "some", `-${command}`)
        for (let n = 0; n < 5; n++) await append(log)
        expect(seen.transactions).toBe(2)
        await admin.call("ACL", "SETUSER", "some", "+@all")
        await append(log)
        expect(seen.transactions).toBe(2)
        expect(await log.tail()).toBe(8)
        await log.close()
      })

    test("without multi, a connection that is cut within one leaves the records where they are", async () => {
      await using server = await startServer({ kind })
      const { admin, host, port } = server
      await admin.call("ACL", "SETUSER", "some", "on", ">x", "~*", "&*", "+@all")
      const login = { username: "some", password: "x" }
      const client = fromIovalkey(new Redis({ host, port, lazyConnect: true, ...login }))
      let isCut = false
      const log = await openValkeyLog(
        {
          async connect(node, events) {
            const connection = await client.connect(node, events)
            return {
              ...connection,
              async send(command) {
                const isLate = ["XADD", "RENAME", "EXEC"].includes(String(command[0]))
                if (isCut && isLate) throw new Error("the connection was lost")
                return connection.send(command)
              },
            }
          },
        },
        "log",
      )
      await append(log)
      await append(log)
      await admin.call("ACL", "SETUSER", "some", "-multi")
      isCut = true
      await append(log)
      expect(await admin.exists(`${log.key}:aside`)).toBe(0)
      expect(await admin.xlen(log.key)).toBe(3)
      expect(await log.tail()).toBe(3)
      await log.close()
    })

    test("what has passed by then is no reason to try none", async () => {
      await using server = await startServer({ kind })
      const { admin, host, port } = server
      const { client, seen, refuse } = watched(
        fromIovalkey(new Redis({ host, port, lazyConnect: true })),
      )
      const log = await openValkeyLog(client, "log")
      await append(log)
      const aborted = "EXECABORT Transaction discarded because of"
      const reasons = [
        "the connection was lost",
        "MOVED 1 127.0.0.1:1",
        `${aborted}: OOM command not allowed when used memory > 'maxmemory'.`,
        `${aborted}: READONLY You can't write against a read only replica.`,
      ]
      for (const reason of reasons) {
        refuse(reason)
        await append(log)
      }
      await admin.script("FLUSH")
      await append(log)
      await append(log)
      expect(seen.transactions).toBe(reasons.length + 2)
      expect(await log.tail()).toBe(1 + seen.transactions)
      await log.close()
    })
  })

/** Counts the transactions with records, and has the next one refused when it is told to. */
function watched(client: ValkeyClient): {
  client: ValkeyClient
  seen: { transactions: number }
  refuse: (reason: string) => void
} {
  const seen = { transactions: 0 }
  let reason: string | undefined
  return {
    seen,
    refuse(next) {
      reason = next
    },
    client: {
      async connect(node, events) {
        const connection = await client.connect(node, events)
        return {
          ...connection,
          async send(command) {
            const [name] = command
            if (name === "RENAME") seen.transactions++
            if (name !== "EXEC" || reason === undefined) return connection.send(command)
            await connection.send(["DISCARD"])
            const error = new Error(reason)
            reason = undefined
            throw error
          },
        }
      },
    },
  }
}

/** Appends one record that is too large for a script. */
async function append(log: Log): Promise<void> {
  const writer = log.writable().getWriter()
  writer.closed.catch(() => {})
  await writer.write(new Uint8Array(70_000))
  await writer.close()
}

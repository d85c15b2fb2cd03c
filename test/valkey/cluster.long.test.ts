import { logConformance } from "@bellmouth/log/conformance"
import { fromIovalkey, openValkeyLog, type ValkeyClient } from "@bellmouth/log-valkey"
import { Redis } from "iovalkey"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { keySlot } from "../../packages/log-valkey/src/nodes/key-slot.ts"
import { type Cluster, startCluster } from "./cluster.ts"
import { valkeySubject } from "./log-subject.ts"
import { hasServer } from "./server.ts"

const CLAIMS_AT_ONCE = 4
/** A slot of the second primary. */
const VICTIMS_SLOT = 8_000

describe.skipIf(!(await hasServer()))("a log in a cluster", () => {
  let cluster: Cluster | undefined
  beforeAll(async () => {
    cluster = await startCluster({ appendfsync: "always" })
  })
  afterAll(() => cluster?.stop())

  function clientOf(index: number): ValkeyClient {
    const { host, port } = cluster?.servers[index] ?? expect.fail("no cluster")
    return fromIovalkey(new Redis({ host, port, lazyConnect: true }))
  }

  test("holds every claim, also while a slot moves and a primary dies", async () => {
    const { servers, ownerOf, move } = cluster ?? expect.fail("no cluster")
    // The server that the client was made for lives: others are found by it.
    const client = clientOf(0)
    const cases = logConformance(valkeySubject(client, { replicas: 1 }, true))
    const waiting = cases.filter(({ skip }) => skip === undefined)
    const failed: string[] = []
    let held = 0
    const work = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const { name, run } = next
        await run().then(
          () => held++,
          (error: unknown) => failed.push(`${name}: ${String(error)}`),
        )
      }
    }
    const disturb = async (): Promise<number> => {
      await expect.poll(() => held, { timeout: 60_000 }).toBeGreaterThan(15)
      const victim = servers[1] ?? expect.fail("no second server")
      await victim.kill()
      await expect.poll(() => ownerOf(VICTIMS_SLOT), { timeout: 20_000 }).not.toBe(victim)
      // It comes back as a replica of the one that has taken over.
      await victim.start()
      let moved = 0
      for (let slot = 0; slot < 30; slot++) {
        const owner = await ownerOf(slot)
        const to = servers.find((server, index) => index !== 1 && index < 3 && server !== owner)
        await move(slot, to ?? expect.fail("no other server"))
        moved++
      }
      return moved
    }
    const [moved] = await Promise.all([
      disturb(),
      ...Array.from({ length: CLAIMS_AT_ONCE }, () => work()),
    ])
    expect(failed).toEqual([])
    expect(moved).toBeGreaterThan(10)
    expect(held).toBeGreaterThan(60)
  })

  test("goes on when its own primary dies and its own slot moves", async () => {
    const { ownerOf, move } = cluster ?? expect.fail("no cluster")
    const client = clientOf(0)
    await using log = await openValkeyLog(client, "wanderer", { replicas: 1 })
    await using reader = await openValkeyLog(clientOf(0), "wanderer", { mode: "read" })
    const slot = keySlot(log.key)
    const total = 600
    const seen: string[] = []
    const following = (async () => {
      const limit = { follow: true, limit: total }
      for await (const { data } of reader.replay(limit)) {
        seen.push(new TextDecoder().decode(data).replace(/\.+$/, ""))
      }
    })()
    const { readable, writable } = log.append()
    const writer = writable.getWriter()
    const acks = readable.getReader()
    const write = async (from: number, to: number): Promise<void> => {
      for (let n = from; n < to; n++) {
        // Every other one is so large that it does not pass through a script.
        const record = `${n}`.padEnd(n % 2 === 0 ? 70_000 : 1, ".")
        void writer.write(new TextEncoder().encode(record))
        expect((await acks.read()).value?.offset).toBe(n)
      }
    }
    await write(0, 100)
    const before = await ownerOf(slot)
    const primaries = await Promise.all([0, VICTIMS_SLOT, 16_000].map(ownerOf))
    const other = primaries.find((server) => server !== before)
    await Promise.all([write(100, 300), move(slot, other ?? expect.fail("no other"))])
    const owner = await ownerOf(slot)
    expect(owner).toBe(other)
    await write(300, 400)
    const dies = async (): Promise<void> => {
      await owner.kill()
      await expect.poll(() => ownerOf(slot), { timeout: 20_000 }).not.toBe(owner)
      await owner.start()
    }
    await Promise.all([write(400, 500), dies()])
    await write(500, total)
    await writer.close()
    await following
    expect(seen).toEqual(Array.from({ length: total }, (_, n) => `${n}`))
  })
})

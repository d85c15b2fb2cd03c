import { fromIovalkey, openValkeyLog, type ValkeyLog } from "@bellmouth/log-valkey"
import { Redis } from "iovalkey"
import type { Server } from "../../test/valkey/server.ts"
import type { Row } from "../harness/row.ts"

const LOGS = 1_000
const EACH = 10
const IDLE_MS = 1_000

/** What followers cost that wait. */
export async function* followerCases(server: Server): AsyncGenerator<Row> {
  const redis = new Redis({ host: server.host, port: server.port, lazyConnect: true })
  const client = fromIovalkey(redis)
  const logs: ValkeyLog[] = []
  for (let n = 0; n < LOGS; n++) logs.push(await openValkeyLog(client, `follow ${n}`))
  const before = used()
  const readers = logs.flatMap((log) =>
    Array.from({ length: EACH }, () => log.replay({ follow: true }).getReader()),
  )
  const reads = readers.map((reader) => reader.read())
  // They are idle once the server has nothing more to do for them.
  for (let last = 0, quiet = 0; quiet < 2; ) {
    await new Promise((resolve) => setTimeout(resolve, IDLE_MS / 2))
    const stats = await server.admin.info("stats")
    const next = Number(/total_commands_processed:(\d+)/.exec(stats)?.[1])
    quiet = next - last <= 2 ? quiet + 1 : 0
    last = next
  }
  const cpu = process.cpuUsage()
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS))
  const { user, system } = process.cpuUsage(cpu)
  const each = (used() - before) / readers.length
  await Promise.all(readers.map((reader) => reader.cancel()))
  await Promise.all(reads)
  await Promise.all(logs.map((log) => log.close()))
  const name = `of ${readers.length} idle followers of ${LOGS} logs`
  yield { name: `memory ${name}`, value: (each * readers.length) / 1e6, unit: "MB", floor: 160 }
  yield {
    name: `processor time ${name}, in a second`,
    value: ((user + system) * 1e6) / IDLE_MS,
    unit: "ns",
    floor: 20e6,
  }
}

function used(): number {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}

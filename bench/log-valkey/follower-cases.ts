import { fromIovalkey, openValkeyLog, type ValkeyLog } from "@bellmouth/log-valkey"
import { Redis } from "iovalkey"
import type { Server } from "../../test/valkey/server.ts"
import type { Row } from "../harness/row.ts"

const LOGS = 1_000
const FOLLOWERS = 10_000

/** What followers cost that wait. */
export async function* followerCases(server: Server): AsyncGenerator<Row> {
  const redis = new Redis({ host: server.host, port: server.port, lazyConnect: true })
  const client = fromIovalkey(redis)
  const logs: ValkeyLog[] = []
  for (let n = 0; n < LOGS; n++) logs.push(await openValkeyLog(client, `follow ${n}`))
  const before = used()
  const readers = Array.from({ length: FOLLOWERS }, (_, n) =>
    (logs[n % LOGS] ?? logs[0])?.replay({ follow: true }).getReader(),
  )
  const reads = readers.map((reader) => reader?.read())
  await new Promise((resolve) => setTimeout(resolve, 3_000))
  const each = (used() - before) / FOLLOWERS
  const cpu = process.cpuUsage()
  await new Promise((resolve) => setTimeout(resolve, 2_000))
  const { user, system } = process.cpuUsage(cpu)
  await Promise.all(readers.map((reader) => reader?.cancel()))
  await Promise.all(reads)
  await Promise.all(logs.map((log) => log.close()))
  yield {
    name: "memory of one idle follower of 10,000 on 1,000 logs",
    value: each / 1e6,
    unit: "MB",
    floor: 0.016,
  }
  yield {
    name: "processor time of 10,000 idle followers, for a second",
    value: ((user + system) / 2) * 1e3,
    unit: "ns",
    floor: 20e6,
  }
}

function used(): number {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}

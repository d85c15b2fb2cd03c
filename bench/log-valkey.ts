import { startServer } from "../test/valkey/server.ts"
import { report } from "./harness/report.ts"
import type { Row } from "./harness/row.ts"
import { appendCases } from "./log-valkey/append-cases.ts"
import { followerCases } from "./log-valkey/follower-cases.ts"
import { replayCases } from "./log-valkey/replay-cases.ts"

const rows: Row[] = []
// With and without a disk to wait for: without, only the way to the server and back is left.
await using server = await startServer()
await using durable = await startServer({
  settings: { appendonly: "yes", appendfsync: "always", "auto-aof-rewrite-percentage": "0" },
})
for await (const row of appendCases(durable, "disk")) rows.push(row)
for await (const row of appendCases(server, "process")) rows.push(row)
for await (const row of replayCases(server)) rows.push(row)
for await (const row of followerCases(server)) rows.push(row)
const results = [{ runtime: "node", version: process.versions.node, rows }]
process.exitCode = report("log-valkey: appends and replay, as ratios in one run", results) ? 0 : 1

import { startServer } from "../test/valkey/server.ts"
import { report } from "./harness/report.ts"
import type { Row } from "./harness/row.ts"
import { appendCases } from "./log-valkey/append-cases.ts"
import { followerCases } from "./log-valkey/follower-cases.ts"
import { replayCases } from "./log-valkey/replay-cases.ts"

const rows: Row[] = []
// What is measured is the way to the server and back, so nothing waits for a disk.
await using server = await startServer()
for await (const row of appendCases(server)) rows.push(row)
for await (const row of replayCases(server)) rows.push(row)
for await (const row of followerCases(server)) rows.push(row)
const results = [{ runtime: "node", version: process.versions.node, rows }]
process.exitCode = report("log-valkey: appends and replay, as ratios in one run", results) ? 0 : 1

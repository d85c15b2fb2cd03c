import { mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { join } from "node:path"
import { report } from "./harness/report.ts"
import type { Row } from "./harness/row.ts"
import { appendCases } from "./log/append-cases.ts"
import { replayCases } from "./log/replay-cases.ts"

// On the disk of the checkout: a temporary folder may be memory, which has nothing to sync.
mkdirSync(".cache", { recursive: true })
const folder = mkdtempSync(join(".cache", "bench-log-"))
const rows: Row[] = []
try {
  for await (const row of appendCases(folder)) rows.push(row)
  for await (const row of replayCases(folder)) rows.push(row)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
const results = [{ runtime: "node", version: process.versions.node, rows }]
process.exitCode = report("log: durable appends and replay, as ratios in one run", results) ? 0 : 1

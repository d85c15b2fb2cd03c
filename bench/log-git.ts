import { mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { join } from "node:path"
import { report } from "./harness/report.ts"
import type { Row } from "./harness/row.ts"
import { commitCases } from "./log-git/commit-cases.ts"
import { replayCases } from "./log-git/replay-cases.ts"

// On the disk of the checkout: a temporary folder may be memory, which has nothing to sync.
mkdirSync(".cache", { recursive: true })
const folder = mkdtempSync(join(".cache", "bench-log-git-"))
const rows: Row[] = []
try {
  for await (const row of commitCases(folder)) rows.push(row)
  for await (const row of replayCases(folder)) rows.push(row)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
const results = [{ runtime: "node", version: process.versions.node, rows }]
process.exitCode = report("log-git: durable commits and replay, as ratios in one run", results)
  ? 0
  : 1

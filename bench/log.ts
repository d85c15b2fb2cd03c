import { mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { join } from "node:path"
import { report } from "./harness/report.ts"
import type { Row } from "./harness/row.ts"
import { appendCases } from "./log/append-cases.ts"
import { decodeCases } from "./log/decode-cases.ts"
import { largeCases } from "./log/large-cases.ts"
import { rivalCases } from "./log/rival-cases.ts"

const CASES = { appends: appendCases, large: largeCases, decode: decodeCases, rivals: rivalCases }

// `npm run bench -- log rivals` measures one part only, `log rivals sqlite` against one other.
const [only, which] = process.argv.slice(2)
const parts = Object.entries(CASES).filter(([name]) => only === undefined || name === only)
if (parts.length === 0)
  throw new Error(`Cannot measure ${only}: want one of ${Object.keys(CASES).join(", ")}`)

// On the disk of the checkout: a temporary folder may be memory, which has nothing to sync.
mkdirSync(".cache", { recursive: true })
const folder = mkdtempSync(join(".cache", "bench-log-"))
const rows: Row[] = []
try {
  for (const [, cases] of parts) for await (const row of cases(folder, which)) rows.push(row)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
const results = [{ runtime: "node", version: process.versions.node, rows }]
process.exitCode = report("log: durable appends and replay, as ratios in one run", results) ? 0 : 1

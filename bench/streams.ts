import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { bun } from "../scripts/runtimes/bun.ts"
import { bundleModule } from "../scripts/runtimes/bundle.ts"
import { chromium } from "../scripts/runtimes/chromium.ts"
import { deno } from "../scripts/runtimes/deno.ts"
import { node24 } from "../scripts/runtimes/node.ts"
import { type RuntimeRows, report } from "./harness/report.ts"
import type { Row } from "./harness/row.ts"
import { peerCases } from "./streams/peers.ts"

const folder = mkdtempSync(join(tmpdir(), "bellmouth-bench-"))
const results: RuntimeRows[] = []
// First, while this process is still as fresh as those of the others.
const peerRows: Row[] = []
for await (const row of peerCases()) peerRows.push(row)
try {
  await bundleModule(`export { main } from "./bench/streams/main.ts"`, folder)
  for (const runtime of [node24, deno, bun, chromium]) {
    const version = await runtime.version()
    console.log(`running on ${runtime.name} ${version}`)
    const { code, values, output } = await runtime.run(folder)
    if (code !== 0) throw new Error(`Cannot measure on ${runtime.name}: ${output}`)
    const rows = values as Row[] // what main emitted, through JSON
    if (runtime === node24) rows.push(...peerRows)
    results.push({ runtime: runtime.name, version, rows })
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
process.exitCode = report("streams: what a chain costs, as ratios in one process", results) ? 0 : 1

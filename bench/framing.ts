import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { bun } from "../scripts/runtimes/bun.ts"
import { bundleModule } from "../scripts/runtimes/bundle.ts"
import { chromium } from "../scripts/runtimes/chromium.ts"
import { deno } from "../scripts/runtimes/deno.ts"
import { node24 } from "../scripts/runtimes/node.ts"
import { peerCases } from "./framing/peers.ts"
import { type RuntimeRows, report } from "./harness/report.ts"
import type { Row } from "./harness/row.ts"

const folder = mkdtempSync(join(tmpdir(), "bellmouth-bench-"))
const results: RuntimeRows[] = []
// `npm run bench -- framing node24` measures on one runtime only.
const [only] = process.argv.slice(2)
const runtimes = [node24, deno, bun, chromium].filter(({ name }) => !only || name === only)
if (runtimes.length === 0) throw new Error(`Cannot measure on ${only}: it is not a runtime here`)
// First, while this process is still as fresh as those of the others.
const peerRows: Row[] = []
if (runtimes.includes(node24)) for await (const row of peerCases()) peerRows.push(row)
try {
  for (const runtime of runtimes) {
    await bundleModule(`export { main } from "./bench/framing/main.ts"`, folder, runtime)
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
const title = "framing: what framing costs, as ratios in one process"
process.exitCode = report(title, results) ? 0 : 1

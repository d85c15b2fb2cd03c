import { runIn } from "../scripts/run-in.ts"
import { type RuntimeRows, report } from "./harness/report.ts"
import type { Row } from "./harness/row.ts"
import { peerCases } from "./streams/peers.ts"

const CASES = "bench/streams/main.ts"
const MEMORY = "bench/streams/memory-main.ts"

// First, while this process is still as fresh as those of the others.
const peerRows: Row[] = []
for await (const row of peerCases()) peerRows.push(row)

const results: RuntimeRows[] = []
for (const runtime of ["node-24", "deno", "bun", "chromium"]) {
  console.log(`running on ${runtime}`)
  const { version, rows } = await rowsOf(CASES, runtime)
  results.push({ runtime, version, rows })
}
results[0] = await withNodeRows(results[0])
process.exitCode = report("streams: what a chain costs, as ratios in one process", results) ? 0 : 1

/** Adds what is measured on Node alone: other libraries, and memory in a process of its own. */
async function withNodeRows(node: RuntimeRows | undefined): Promise<RuntimeRows> {
  if (node === undefined) throw new Error("Cannot report: nothing was measured")
  const { rows } = await rowsOf(MEMORY, node.runtime)
  return { ...node, rows: [...node.rows, ...peerRows, ...rows] }
}

async function rowsOf(file: string, runtime: string): Promise<{ version: string; rows: Row[] }> {
  const { code, values, version, output } = await runIn(file, runtime)
  if (code !== 0) throw new Error(`Cannot measure on ${runtime}: ${output}`)
  return { version, rows: values as Row[] } // what main emitted, through JSON
}

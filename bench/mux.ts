import { report } from "./harness/report.ts"
import type { Row } from "./harness/row.ts"
import { latencyCases } from "./mux/latency-cases.ts"
import { manyCases } from "./mux/many-cases.ts"
import { requestCases } from "./mux/request-cases.ts"
import { sizeCases } from "./mux/size-cases.ts"
import { throughputCases } from "./mux/throughput-cases.ts"
import { windowCases } from "./mux/window-cases.ts"

const CARRIERS = ["TCP", "WebSocket", "MessagePort"] as const

/** By name, so that `npm run bench -- mux latency` runs one. */
const CASES: Readonly<Record<string, () => AsyncGenerator<Row>>> = {
  throughput: () => each(["memory", ...CARRIERS], throughputCases),
  requests: () => each(CARRIERS, requestCases),
  many: manyCases,
  latency: () => each(CARRIERS, latencyCases),
  window: windowCases,
  size: sizeCases,
}

const wanted = process.argv.slice(2)
const rows: Row[] = []
for (const [name, cases] of Object.entries(CASES)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  for await (const row of cases()) rows.push(row)
}
const results = [{ runtime: "node", version: process.versions.node, rows }]
// Connections of peers that were broken off may still hold timers.
process.exit(report("mux: against transports and peers, as ratios in one run", results) ? 0 : 1)

async function* each<T>(
  carriers: readonly T[],
  cases: (carrier: T) => AsyncGenerator<Row>,
): AsyncGenerator<Row> {
  for (const carrier of carriers) yield* cases(carrier)
}

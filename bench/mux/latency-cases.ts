import { performance } from "node:perf_hooks"
import { setTimeout as wait } from "node:timers/promises"
import type { Row } from "../harness/row.ts"
import type { Carrier } from "./carriers.ts"
import { ours } from "./ours.ts"
import { capnweb } from "./peers/capnweb.ts"
import { http2 } from "./peers/http2.ts"
import { rsocket } from "./peers/rsocket.ts"
import { yamux } from "./peers/yamux.ts"
import { Flow, type OpenSubject } from "./subject.ts"

const CHUNK = new Uint8Array(65_536)
const BODY = new Uint8Array(100)
const ROUNDS = 9
/** Enough that the p99 is not one pause for garbage. */
const REQUESTS = 1000
const ROUND_MS = 1500

/** How long a small request takes beside a bulk transfer in its own direction: p99, in ms. */
async function p99(open: OpenSubject): Promise<number> {
  const subject = await open()
  if (typeof subject === "string" || subject.request === undefined) return Number.POSITIVE_INFINITY
  let isOver = false
  const flow = new Flow(subject)
  await flow.transfer(CHUNK, 64)
  const bulk = flow.run(CHUNK, () => isOver).catch(() => {}) // cut at the end
  const times: number[] = []
  const end = performance.now() + ROUND_MS
  while (times.length < REQUESTS && performance.now() < end) {
    const start = performance.now()
    const answered = await Promise.race([subject.request(BODY), wait(ROUND_MS, "late")])
    times.push(performance.now() - start)
    if (answered === "late") break
  }
  isOver = true
  await Promise.race([bulk, wait(100)])
  subject.close()
  times.sort((a, b) => a - b)
  return times[Math.floor(times.length * 0.99)] ?? Number.POSITIVE_INFINITY
}

const CONTESTS: Readonly<Record<string, Readonly<Record<string, OpenSubject>>>> = {
  TCP: {
    "node:http2": http2,
    "@libp2p/yamux": yamux("@libp2p/yamux"),
    "@chainsafe/libp2p-yamux": yamux("@chainsafe/libp2p-yamux"),
    rsocket,
  },
  WebSocket: { capnweb: capnweb("WebSocket") },
  MessagePort: { capnweb: capnweb("MessagePort") },
}

/** A small request beside a bulk transfer. */
export async function* latencyCases(carrier: Exclude<Carrier, "memory">): AsyncGenerator<Row> {
  const all = { "@bellmouth/mux": () => ours(carrier), ...CONTESTS[carrier] }
  const best = new Map<string, number>()
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, open] of Object.entries(all)) {
      best.set(name, Math.min(best.get(name) ?? Number.POSITIVE_INFINITY, await p99(open)))
    }
  }
  const title = `a request beside a bulk transfer, ${carrier}, p99`
  console.log(`\n${title}`)
  for (const [name, ms] of best) console.log(`  ${name.padEnd(28)} ${ms.toFixed(2)} ms`)
  const mine = best.get("@bellmouth/mux") ?? Number.POSITIVE_INFINITY
  const native = best.get("node:http2")
  const scripts = [...best].filter(([name]) => !["@bellmouth/mux", "node:http2"].includes(name))
  const [name, ms] = scripts.toSorted((a, b) => a[1] - b[1])[0] ?? ["none", Number.NaN]
  yield {
    name: `${title}: of the best in JavaScript, ${name}`,
    value: mine / ms,
    unit: "of",
    floor: 1 / 3,
  }
  if (native === undefined) return
  yield { name: `${title}: of node:http2`, value: mine / native, unit: "of", floor: 1 }
}

import { setTimeout as wait } from "node:timers/promises"
import { measure } from "../harness/measure.ts"
import type { Carrier } from "./carriers.ts"
import { capnweb } from "./peers/capnweb.ts"
import { http2 } from "./peers/http2.ts"
import { packetStream } from "./peers/packet-stream.ts"
import { protomux } from "./peers/protomux.ts"
import { rsocket } from "./peers/rsocket.ts"
import { remoteWebStreams, transferredStreams } from "./peers/transferred.ts"
import { yamux } from "./peers/yamux.ts"
import { yamuxJs } from "./peers/yamux-js.ts"
import { Flow, type OpenSubject, type Subject } from "./subject.ts"

const PEERS: Readonly<Record<Carrier, Readonly<Record<string, OpenSubject>>>> = {
  // Those below want a wire: in memory there is the transport alone to compare with.
  memory: {},
  TCP: {
    "node:http2": http2,
    "@libp2p/yamux": yamux("@libp2p/yamux"),
    "@chainsafe/libp2p-yamux": yamux("@chainsafe/libp2p-yamux"),
    "yamux-js": yamuxJs,
    rsocket,
    "packet-stream": packetStream,
    protomux,
  },
  WebSocket: { capnweb: capnweb("WebSocket") },
  MessagePort: {
    capnweb: capnweb("MessagePort"),
    "remote-web-streams": remoteWebStreams,
    "transferred streams": transferredStreams,
  },
}

const TRIAL_CHUNKS = 64
const TRIAL_MS = 3000
/** Long enough together that the last rounds find compiled code, also of one request at a time. */
const RUN_MS = 120
const ROUNDS = 11
const told = new Set<string>()

/** The peers of a transport that can be driven; says why another can not. */
export async function peersOver(carrier: Carrier): Promise<OpenSubject[]> {
  const found: OpenSubject[] = []
  for (const [name, open] of Object.entries(PEERS[carrier])) {
    const reason = await tryOut(open)
    if (reason === undefined) found.push(open)
    else if (!told.has(name)) console.log(`not measured over ${carrier}: ${name}: ${reason}`)
    if (reason !== undefined) told.add(name)
  }
  return found
}

async function tryOut(open: OpenSubject): Promise<string | undefined> {
  try {
    const subject = await open()
    if (typeof subject === "string") return subject
    const flow = new Flow(subject)
    const trial = flow.transfer(new Uint8Array(65_536), TRIAL_CHUNKS)
    const end = await Promise.race([trial, wait(TRIAL_MS, "late")])
    subject.close()
    if (end !== "late") return undefined
    return `${flow.seen} of ${TRIAL_CHUNKS * 65_536} bytes came within ${TRIAL_MS} ms`
  } catch (error) {
    return String(error)
  }
}

/** What each of several did, as nanoseconds for one. */
export interface Result {
  readonly subject: Subject
  readonly ns: number
}

/** One way of using a connection, `count` times over. */
export type Use = (subject: Subject) => (count: number) => Promise<number>

/** Measures connections in turn, each its own; what they did is printed. */
export async function contest(
  title: string,
  opens: readonly OpenSubject[],
  use: Use,
  bytesEach?: number,
): Promise<Result[]> {
  const subjects: Subject[] = []
  for (const open of opens) {
    const subject = await open()
    if (typeof subject !== "string") subjects.push(subject)
  }
  const times = await measure(subjects.map(use), { runMs: RUN_MS, rounds: ROUNDS })
  const results = subjects.map((subject, index) => ({ subject, ns: times[index] ?? Infinity }))
  console.log(`\n${title}`)
  for (const { subject, ns } of results) {
    const perSecond = 1e9 / ns
    const rate =
      bytesEach === undefined
        ? `${Math.round(perSecond).toLocaleString("en")} /s`
        : `${((perSecond * bytesEach) / 1e6).toFixed(0)} MB/s`
    const kind = `a stopped reader stops ${subject.backpressure}`
    console.log(`  ${subject.name.padEnd(28)} ${rate.padStart(14)}   ${kind}`)
    subject.close()
  }
  return results
}

/** How many times as fast the first is as another. */
export function ratio(first: Result | undefined, other: Result | undefined): number {
  if (first === undefined || other === undefined)
    throw new Error("Cannot compare: none was measured")
  return other.ns / first.ns
}

export function fastest(results: readonly Result[]): Result | undefined {
  return results.toSorted((a, b) => a.ns - b.ns)[0]
}

import { performance } from "node:perf_hooks"
import type { Row } from "../harness/row.ts"
import { contest, ratio, type Use } from "./contest.ts"
import { ours } from "./ours.ts"
import { Flow, type OpenSubject } from "./subject.ts"

const CHUNK = new Uint8Array(65_536)
const CHANNELS = 100
const FAIR_MS = 300

/** 100 channels at once over TCP: what they carry together, and the share of each. */
export async function* manyCases(): AsyncGenerator<Row> {
  const us: OpenSubject = () => ours("TCP")
  const [one] = await contest("one channel, TCP", [us], through(1), CHUNK.length)
  const [many] = await contest(`${CHANNELS} channels, TCP`, [us], through(CHANNELS), CHUNK.length)
  const [again] = await contest("one channel, again", [us], through(1), CHUNK.length)
  const best = one !== undefined && again !== undefined && one.ns < again.ns ? one : again
  const name = `${CHANNELS} channels at once, 64 KiB chunks, TCP: of one channel`
  yield { name, value: ratio(many, best), unit: "x", floor: 0.8 }
  const value = await fairness()
  yield { name: `${CHANNELS} channels at once: slowest of mean`, value, unit: "x", floor: 0.8 }
}

function through(channels: number): Use {
  return (subject) => {
    const flows = Array.from({ length: channels }, () => new Flow(subject))
    return async (count) => {
      // Each as many, rounded up; what is more is not counted.
      const each = Math.ceil(count / channels)
      await Promise.all(flows.map((flow) => flow.transfer(CHUNK, each)))
      return count
    }
  }
}

async function fairness(): Promise<number> {
  const subject = await ours("TCP")
  const flows = Array.from({ length: CHANNELS }, () => new Flow(subject))
  await Promise.all(flows.map((flow) => flow.transfer(CHUNK, 1)))
  const before = flows.map((flow) => flow.seen)
  const end = performance.now() + FAIR_MS
  const isOver = (): boolean => performance.now() > end
  for (const flow of flows) flow.run(CHUNK, isOver).catch(() => {}) // cut at the end
  await new Promise((resolve) => setTimeout(resolve, FAIR_MS))
  const bytes = flows.map((flow, index) => flow.seen - (before[index] ?? 0))
  const mean = bytes.reduce((sum, each) => sum + each, 0) / CHANNELS
  subject.close()
  return Math.min(...bytes) / mean
}

import { type Commit, type CommitRun, toOffset, toRecordBatch } from "@bellmouth/log"
import type { FrameRun } from "./frame.ts"
import type { PlacedFrame } from "./frame-reader.ts"

const SIZE_BYTES = 4
const LF_BYTES = 1

/** What a frame holds, as it was committed. */
export type FrameContent = Pick<Commit, "runs" | "count" | "bytes">

/** The first `most` records of a frame that lies in `bytes`, with their batches and producers. */
export function framePart(
  bytes: Uint8Array,
  { frame, at }: PlacedFrame,
  most: number,
): FrameContent {
  const runs: CommitRun[] = []
  const count = Math.min(frame.count, most)
  let left = count
  const begin = at + (frame.runs[0]?.at ?? 0)
  let end = begin
  for (const run of frame.runs) {
    if (left === 0) break
    const runAt = at + run.at
    const part = runPart(run, bytes.subarray(runAt, runAt + run.byteLength), left)
    runs.push(...part)
    left -= Math.min(left, run.count)
    end += part.reduce((sum, { byteLength }) => sum + byteLength, 0)
  }
  return { runs, count, bytes: bytes.subarray(begin, end) }
}

/** The first `most` records of a run: its whole batches, and what is left of the one that is cut. */
function runPart(run: FrameRun, bytes: Uint8Array, most: number): CommitRun[] {
  const { framing, batches, producer, byteLength } = run
  const count = run.count / batches
  if (most >= run.count) return [{ framing, batches, count, byteLength, producer }]
  const whole = Math.floor(most / count)
  const wholeBytes = firstBytes(run, bytes, whole * count)
  const parts: CommitRun[] = []
  if (whole > 0) parts.push({ framing, batches: whole, count, byteLength: wholeBytes, producer })
  const rest = most - whole * count
  if (rest > 0) {
    const of = producer && { ...producer, sequence: producer.sequence + whole }
    const restBytes = firstBytes(run, bytes, most) - wholeBytes
    parts.push({ framing, batches: 1, count: rest, byteLength: restBytes, producer: of })
  }
  return parts
}

/** How many bytes the first records of a run take. */
function firstBytes({ framing, count }: FrameRun, bytes: Uint8Array, records: number): number {
  if (records === 0) return 0
  const around = framing === "lines" ? LF_BYTES : SIZE_BYTES
  let taken = 0
  let sum = 0
  for (const { data } of toRecordBatch({ offset: toOffset(0), count, framing, bytes })) {
    sum += data.length + around
    if (++taken === records) break
  }
  return sum
}

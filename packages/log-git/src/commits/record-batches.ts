import { type Framing, type RecordBatch, toOffset, toRecordBatch } from "@bellmouth/log"
import { corrupt } from "../log-fault.ts"
import type { AppendMessage } from "./append-message.ts"
import type { IndexEntry } from "./commit-index.ts"
import { endOf, fromBase64Lines } from "./run-bytes.ts"

interface Part {
  readonly framing: Framing
  readonly bytes: Buffer
  readonly count: number
}

/**
 * The records of a commit, as many of them as its entry says. Runs that lie in the same framing beside
 * one another are one batch; the batches share the bytes of the commit.
 */
export function toBatches(append: AppendMessage, body: Buffer, entry: IndexEntry): RecordBatch[] {
  const batches: RecordBatch[] = []
  let offset = append.offset
  let left = entry.count
  for (const { framing, bytes, count } of mergedParts(append, body, entry.commit)) {
    if (left === 0) break
    const taken = Math.min(left, count)
    const end = taken < count ? endOf(bytes, framing, 0, taken) : bytes.length
    const init = { offset: toOffset(offset), count: taken, framing }
    const view = new Uint8Array(bytes.buffer, bytes.byteOffset, end)
    batches.push(toRecordBatch({ ...init, bytes: view }))
    offset += taken
    left -= taken
  }
  return batches
}

function* mergedParts(append: AppendMessage, body: Buffer, path: string): Generator<Part> {
  let [from, at, count] = [0, 0, 0]
  let framing: Framing | undefined
  const merged = (): Part[] =>
    framing === undefined ? [] : [{ framing, bytes: body.subarray(from, at), count }]
  for (const run of append.runs) {
    const end = at + run.byteLength
    const records = run.batches * run.count
    // The lines of a base64 run are counted as lines: what they hold is framed afterwards.
    const lies = run.isBase64 ? "lines" : run.framing
    // Those of one run in a message have been counted when the message was read.
    const isCounted = append.runs.length === 1 && append.body === body
    if (!isCounted && endOf(body.subarray(0, end), lies, at, records) !== end) {
      throw corrupt({ path, reason: "holds other records than it says", offset: append.offset })
    }
    if (run.isBase64 || run.framing !== framing) {
      yield* merged()
      framing = run.isBase64 ? undefined : run.framing
      from = at
      count = 0
    }
    at = end
    count += records
    if (!run.isBase64) continue
    const bytes = fromBase64Lines(body.subarray(from, end), run.framing)
    if (bytes === undefined) {
      throw corrupt({ path, reason: "holds what is no base64", offset: append.offset })
    }
    yield { framing: run.framing, bytes, count: records }
    from = end
    count = 0
  }
  yield* merged()
  if (at !== body.length) {
    throw corrupt({ path, reason: "holds more than its records", offset: append.offset })
  }
}

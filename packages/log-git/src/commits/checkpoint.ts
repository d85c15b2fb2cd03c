import { type ProducerState, type StoredBatch, toOffset } from "@bellmouth/log"
import { isOid, type ObjectFormat, type Oid } from "../objects/object-format.ts"

/** What is known of all commits up to one, so that nobody has to read them to open the log. */
export interface Checkpoint {
  /** The last commit that is counted in. */
  readonly commit: Oid
  /** The tail that it left. */
  readonly tail: number
  readonly producers: readonly ProducerState[]
}

export function encodeCheckpoint({ commit, tail, producers }: Checkpoint): Uint8Array {
  const rows = producers.map(({ id, epoch, batches }) => [
    id,
    epoch,
    ...batches.map(({ sequence, offset, count }) => [sequence, offset, count]),
  ])
  const lines = rows.map((row) => `${JSON.stringify(row)}\n`)
  return Buffer.from(`${JSON.stringify({ commit, tail })}\n${lines.join("")}`)
}

/** Gives undefined when the content is no checkpoint. */
export function decodeCheckpoint(
  content: Uint8Array,
  format: ObjectFormat,
): Checkpoint | undefined {
  const [first = "", ...lines] = new TextDecoder().decode(content).split("\n")
  if (lines.pop() !== "") return undefined
  try {
    const { commit, tail }: { commit?: unknown; tail?: unknown } = JSON.parse(first)
    if (typeof commit !== "string" || !isOid(commit, format)) return undefined
    const producers = lines.map((line) => toState(JSON.parse(line)))
    return { commit, tail: toOffset(Number(tail)), producers }
  } catch {
    // Told as damage by the caller.
    return undefined
  }
}

/** @throws {TypeError | RangeError} when it is none. */
function toState(row: unknown): ProducerState {
  if (!Array.isArray(row)) throw new TypeError("Cannot read a producer: want an array")
  const [id, epoch, ...batches] = row
  if (typeof id !== "string") throw new TypeError("Cannot read a producer: want an id")
  return { id, epoch: toOffset(Number(epoch)), batches: batches.map(toBatch) }
}

function toBatch(row: unknown): StoredBatch {
  const [sequence, offset, count] = Array.isArray(row) ? row : []
  return {
    sequence: toOffset(Number(sequence)),
    offset: toOffset(Number(offset)),
    count: toOffset(Number(count)),
  }
}

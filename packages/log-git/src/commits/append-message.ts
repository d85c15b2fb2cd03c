import { isUtf8 } from "node:buffer"
import type { CommitRun } from "@bellmouth/log"
import { isOid, type ObjectFormat, type Oid } from "../objects/object-format.ts"
import { endOf, toBase64Lines } from "./run-bytes.ts"

const LF = 0x0a
const SUBJECT = /^append (\d{1,16}) (\d{1,16})( blob)?$/
const BATCHES = /^Batches: (\d{1,10}) x (\d{1,10}) (lines|sized) (\d{1,10})( base64)?$/
// An id may hold what `.` takes for the end of a line.
const PRODUCER = /^Producer: (\d{1,16}) (\d{1,16}) (".*")$/s
const RECORDS = /^Records: ([0-9a-f]+)$/

/** A run, and how it lies in a commit. */
export interface StoredRunBytes extends CommitRun {
  /** Whether each record is a line of base64; `byteLength` is that of the lines. */
  readonly isBase64: boolean
}

/** What a commit of records says. */
export interface AppendMessage {
  readonly offset: number
  readonly count: number
  readonly runs: readonly StoredRunBytes[]
  /** The bytes of the runs, one after another, or the blob that holds them. */
  readonly body: Buffer | Oid
}

/** What is to be stored by one commit. */
export interface RunsInit {
  readonly offset: number
  readonly count: number
  readonly runs: readonly CommitRun[]
  /** The framed records of all runs. */
  readonly bytes: Uint8Array
}

/** A message that holds its records, as lines. */
export function encodeInline({ offset, count, runs, bytes }: RunsInit): Uint8Array {
  const parts: Uint8Array[] = [Buffer.from(`append ${offset} ${count}\n\n`)]
  const stored: StoredRunBytes[] = []
  let at = 0
  for (const run of runs) {
    const end = at + run.byteLength
    const view = Buffer.from(bytes.buffer, bytes.byteOffset + at, end - at)
    for (const { part, slice } of splitByText(run, view)) {
      const isBase64 = !isText(part, slice)
      const lines = isBase64 ? toBase64Lines(slice, part.framing, part.batches * part.count) : slice
      parts.push(lines)
      stored.push({ ...part, byteLength: lines.length, isBase64 })
    }
    at = end
  }
  return Buffer.concat([...parts, Buffer.from(`\n${trailers(stored)}`)])
}

/** A message that names the blob with its records. */
export function encodeWithBlob({ offset, count, runs }: RunsInit, blob: Oid): Uint8Array {
  const stored = runs.map((run) => ({ ...run, isBase64: false }))
  return Buffer.from(`append ${offset} ${count} blob\n\nRecords: ${blob}\n${trailers(stored)}`)
}

/**
 * Gives undefined when the message is not one of a commit of records. The records are found by their
 * count and never by looking for trailers, which a record may look like.
 */
export function decodeAppend(message: Buffer, format: ObjectFormat): AppendMessage | undefined {
  const subjectEnd = message.indexOf(LF)
  const [, offset, total, inBlob] = SUBJECT.exec(message.toString("latin1", 0, subjectEnd)) ?? []
  if (offset === undefined || message[subjectEnd + 1] !== LF) return undefined
  const count = Number(total)
  const begin = subjectEnd + 2
  const end = inBlob === undefined ? endOf(message, "lines", begin, count) : begin
  if (end < 0 || (inBlob === undefined && message[end] !== LF)) return undefined
  const rest = message.toString("utf8", inBlob === undefined ? end + 1 : end, message.length)
  const table = decodeTrailers(rest, inBlob !== undefined)
  if (table === undefined) return undefined
  const { runs, blob } = table
  const sums = { count: 0, bytes: 0 }
  for (const run of runs) {
    sums.count += run.batches * run.count
    sums.bytes += run.byteLength
  }
  if (count < 1 || sums.count !== count || !Number.isSafeInteger(Number(offset) + count)) {
    return undefined
  }
  if (blob === undefined) {
    if (sums.bytes !== end - begin || runs.some(isNoLine)) return undefined
    return { offset: Number(offset), count, runs, body: message.subarray(begin, end) }
  }
  if (!isOid(blob, format) || runs.some(({ isBase64 }) => isBase64)) return undefined
  return { offset: Number(offset), count, runs, body: blob }
}

/** Whether a run could not stand in a message: a size in four bytes is no text. */
function isNoLine({ framing, isBase64 }: StoredRunBytes): boolean {
  return framing === "sized" && !isBase64
}

function trailers(runs: readonly StoredRunBytes[]): string {
  let text = ""
  for (const { batches, count, framing, byteLength, isBase64, producer } of runs) {
    text += `Batches: ${batches} x ${count} ${framing} ${byteLength}${isBase64 ? " base64" : ""}\n`
    if (producer === undefined) continue
    text += `Producer: ${producer.epoch} ${producer.sequence} ${JSON.stringify(producer.id)}\n`
  }
  return text
}

interface Trailers {
  readonly runs: readonly StoredRunBytes[]
  readonly blob: string | undefined
}

function decodeTrailers(text: string, hasBlob: boolean): Trailers | undefined {
  const lines = text.split("\n")
  if (lines.pop() !== "") return undefined
  const blob = hasBlob ? RECORDS.exec(lines.shift() ?? "")?.[1] : undefined
  if (hasBlob && blob === undefined) return undefined
  const runs: StoredRunBytes[] = []
  for (const line of lines) {
    const run = decodeBatches(line)
    if (run !== undefined) {
      runs.push(run)
      continue
    }
    const last = runs.pop()
    const producer = decodeProducer(line)
    if (last === undefined || last.producer !== undefined || producer === undefined)
      return undefined
    runs.push({ ...last, producer })
  }
  return { runs, blob }
}

function decodeBatches(line: string): StoredRunBytes | undefined {
  const [, batches, count, framing, byteLength, base64] = BATCHES.exec(line) ?? []
  if (framing !== "lines" && framing !== "sized") return undefined
  if (Number(batches) < 1 || Number(count) < 1) return undefined
  return {
    framing,
    batches: Number(batches),
    count: Number(count),
    byteLength: Number(byteLength),
    producer: undefined,
    isBase64: base64 !== undefined,
  }
}

function decodeProducer(line: string): CommitRun["producer"] {
  const [, epoch, sequence, json = ""] = PRODUCER.exec(line) ?? []
  if (epoch === undefined) return undefined
  try {
    const id: unknown = JSON.parse(json)
    return typeof id === "string"
      ? { id, epoch: Number(epoch), sequence: Number(sequence) }
      : undefined
  } catch {
    // Told as damage by the caller: the line is no producer.
    return undefined
  }
}

interface RunPart {
  readonly part: CommitRun
  readonly slice: Buffer
}

/** Parts a run where batches that can be lines of text end, and others begin. */
function splitByText(run: CommitRun, bytes: Buffer): RunPart[] {
  if (run.batches === 1 || run.framing === "sized" || isText(run, bytes)) {
    return [{ part: run, slice: bytes }]
  }
  const parts: RunPart[] = []
  let first = { batch: 0, at: 0, isText: false }
  const push = (batch: number, at: number): void => {
    if (batch === first.batch) return
    const { producer } = run
    const sequence = (producer?.sequence ?? 0) + first.batch
    const part = {
      ...run,
      batches: batch - first.batch,
      byteLength: at - first.at,
      producer: producer === undefined ? undefined : { ...producer, sequence },
    }
    parts.push({ part, slice: bytes.subarray(first.at, at) })
  }
  let at = 0
  for (let batch = 0; batch < run.batches; batch++) {
    const end = endOf(bytes, run.framing, at, run.count)
    const is = isText(run, bytes.subarray(at, end))
    if (is !== first.isText) {
      push(batch, at)
      first = { batch, at, isText: is }
    }
    at = end
  }
  push(run.batches, at)
  return parts
}

/** Whether records can stand in a message as they are: git takes no NUL there, and shows UTF-8. */
function isText({ framing }: CommitRun, bytes: Buffer): boolean {
  return framing === "lines" && !bytes.includes(0) && isUtf8(bytes)
}

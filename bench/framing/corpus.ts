import { concatBytes } from "@bellmouth/core"

/** Records of one size, as lines, as bytes and in chunks. */
export interface Corpus {
  readonly records: readonly unknown[]
  /** Each one a string of its own, not a slice. */
  readonly lines: readonly string[]
  readonly bytes: number
  readonly chunks: readonly Uint8Array[]
}

const BYTES = 262_144
const CHUNK = 65_536
const LF = 10
const utf8 = new TextEncoder()

export interface CorpusOptions {
  readonly recordBytes: number
  readonly ascii: boolean
}

/** About 256 KiB of records like those of an event feed, in chunks of 64 KiB. */
export function corpus({ recordBytes, ascii }: CorpusOptions): Corpus {
  const text = ascii ? "the quick brown fox" : "źdźbło żółw 値段 été 😀"
  const count = Math.max(2, Math.round(BYTES / recordBytes))
  return corpusOf(Array.from({ length: count }, (_, id) => record(id, recordBytes, text)))
}

/** The same of records that are 300 small objects each, more than may nest: some 20 kB. */
export function listCorpus(): Corpus {
  const item = (id: number): unknown => ({
    id,
    name: `user ${id}`,
    ok: id % 2 === 0,
    score: id / 8,
  })
  return corpusOf(
    Array.from({ length: 15 }, () => Array.from({ length: 300 }, (_, id) => item(id))),
  )
}

function corpusOf(records: readonly unknown[]): Corpus {
  const texts = records.map((value) => JSON.stringify(value))
  const all = utf8.encode(`${texts.join("\n")}\n`)
  const lines = texts.map((line) => new TextDecoder().decode(utf8.encode(line)))
  return { records, lines, bytes: all.length, chunks: cut(all, CHUNK) }
}

function record(id: number, bytes: number, text: string): unknown {
  const value: Record<string, unknown> = { id: 1e6 + id, type: "push", ok: id % 2 === 0, text }
  let size = utf8.encode(JSON.stringify(value)).length
  for (let field = 0; size < bytes * 0.94; field++) {
    const part =
      field % 4 === 3
        ? { id: field, login: text, url: "https://example.org/users/octocat/repos", score: 0.5 }
        : `${text}, ${text}`
    value[`field_${field}`] = part
    size += utf8.encode(JSON.stringify(part)).length + 11
  }
  return value
}

/** Copies bytes into chunks of a size. */
export function cut(bytes: Uint8Array, size: number): Uint8Array[] {
  const chunks: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.slice(at, at + size))
  return chunks
}

/** The bytes of some chunks, cut again so that each piece holds whole lines only. */
export function wholeLines(chunks: readonly Uint8Array[]): Uint8Array[] {
  const bytes = concatBytes(chunks)
  const pieces: Uint8Array[] = []
  for (let at = 0, end = 0; at < bytes.length; at = end) {
    end = bytes.lastIndexOf(LF, at + CHUNK - 1) + 1
    if (end <= at) end = bytes.indexOf(LF, at) + 1
    pieces.push(bytes.slice(at, end))
  }
  return pieces
}

/** A readable of the platform that gives the chunks so many times over. */
export function foreign<T>(chunks: readonly T[], passes: number): ReadableStream<T> {
  let left = passes * chunks.length
  return new ReadableStream<T>(
    {
      pull(controller) {
        if (left === 0) {
          controller.close()
          return
        }
        const chunk = chunks[(chunks.length - (left % chunks.length)) % chunks.length]
        left--
        if (chunk !== undefined) controller.enqueue(chunk)
      },
    },
    { highWaterMark: 0 },
  )
}

/** Reads a stream to its end and counts what `size` says of each chunk. */
export async function readAll<T>(
  readable: ReadableStream<T>,
  size: (chunk: T) => number,
): Promise<number> {
  const reader = readable.getReader()
  let total = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return total
    total += size(value)
  }
}

/** Reads a stream by `for await`. */
export async function iterate<T>(
  readable: AsyncIterable<T> | ReadableStream<T>,
  size: (chunk: T) => number,
): Promise<number> {
  let total = 0
  for await (const chunk of readable as AsyncIterable<T>) total += size(chunk)
  return total
}

/** Says that a job of so many passes saw all that it had to see. */
export function passesOf(seen: number, each: number): number {
  return seen / each
}

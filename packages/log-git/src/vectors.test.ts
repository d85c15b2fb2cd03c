import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import type { Producer } from "@bellmouth/log"
import { expect, test } from "vitest"
import { capturedCommit } from "../testing/captured-commit.ts"
import { git, testFolder } from "../testing/git.ts"
import { decodeAppend, encodeInline, encodeWithBlob } from "./commits/append-message.ts"
import { toBatches } from "./commits/record-batches.ts"
import { decodeCommit, encodeCommitHead } from "./objects/commit-object.ts"
import { type ObjectFormat, type Oid, toObject } from "./objects/object-format.ts"
import { openGitLog } from "./open-git-log.ts"

interface VectorFile<V> {
  readonly seconds: number
  readonly vectors: readonly (V & { readonly id: string; readonly name: string })[]
}

function load<V>(name: string, least: number): VectorFile<V> {
  const url = new URL(`../../../test/vectors/log-git/${name}.json`, import.meta.url)
  const file: VectorFile<V> = JSON.parse(readFileSync(url, "utf8"))
  expect(file.vectors.length).toBeGreaterThanOrEqual(least)
  return file
}

const toBytes = (hex: string): Buffer => Buffer.from(hex, "hex")
const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex")

/** A record that is too long to be written out. */
type RecordVector = string | { readonly byte: number; readonly times: number }
const toRecord = (record: RecordVector): Buffer =>
  typeof record === "string" ? toBytes(record) : Buffer.alloc(record.times, record.byte)

interface CommitVector {
  readonly format: ObjectFormat
  readonly offset: number
  readonly batches: readonly (readonly RecordVector[])[]
  readonly producer?: Producer
  readonly tree: Oid
  readonly parent: Oid
  readonly messageHex: string
  readonly oid: Oid
  readonly records?: Oid
}

const commits = load<CommitVector>("commits", 12)
for (const vector of commits.vectors) {
  const { id, name, format, offset, tree, parent, messageHex, oid, records } = vector
  const batches = vector.batches.map((batch) => batch.map(toRecord))

  test(`commit ${id}, written: ${name}`, async () => {
    const { count, runs, bytes } = await capturedCommit(batches, vector.producer)
    const init = { offset, count, runs, bytes }
    const blob = toObject(format, "blob", bytes)
    const message = records === undefined ? encodeInline(init) : encodeWithBlob(init, blob.oid)
    expect(toHex(message)).toBe(messageHex)
    if (records !== undefined) expect(blob.oid).toBe(records)
    const head = encodeCommitHead({ tree, parent }, commits.seconds)
    expect(toObject(format, "commit", head, message).oid).toBe(oid)
  })

  test(`commit ${id}, read: ${name}`, async () => {
    const head = encodeCommitHead({ tree, parent }, commits.seconds)
    const commit = decodeCommit(Buffer.concat([head, toBytes(messageHex)]), format)
    expect(commit).toMatchObject({ tree, parent })
    const append = decodeAppend(commit?.message ?? Buffer.alloc(0), format)
    if (append === undefined) expect.fail("it is no commit of records")
    const { bytes, runs } = await capturedCommit(batches, vector.producer)
    if (records !== undefined) expect(append.body).toBe(records)
    const body = typeof append.body === "string" ? Buffer.from(bytes) : append.body
    const read = toBatches(append, body, { offset, count: append.count, commit: oid })
    const entries = read.flatMap((batch) => Array.from(batch))
    expect(entries.map((entry) => entry.offset)).toEqual(entries.map((_, n) => offset + n))
    expect(entries.map(({ data }) => toHex(data))).toEqual(batches.flat().map(toHex))
    expect(toHex(Buffer.concat(read.map((batch) => batch.bytes)))).toBe(toHex(bytes))
    const senders = append.runs.map(({ producer }) => producer)
    expect(senders[0]).toEqual(runs[0]?.producer)
  })
}

interface DamagedVector {
  readonly message: string
}
for (const { id, name, message } of load<DamagedVector>("damaged", 12).vectors) {
  test(`damaged commit ${id} is none: ${name}`, () => {
    const append = decodeAppend(Buffer.from(message), "sha1")
    if (append === undefined) return
    const { offset, count, body } = append
    if (typeof body === "string") expect.fail("it names a blob")
    const entry = { offset, count, commit: "0".repeat(40) as Oid }
    expect(() => toBatches(append, body, entry)).toThrow(/Cannot read the log/)
  })
}

interface HistoryVector {
  readonly format: ObjectFormat
  readonly log: string
  readonly logId: string
  readonly ref: string
  readonly head: Oid
  /** The type of every object, and the parts of its content. */
  readonly objects: readonly (readonly [type: string, ...content: RecordVector[]])[]
  readonly start: number
  readonly sealed: boolean
  readonly records: readonly RecordVector[]
}
const folder = testFolder()
for (const vector of load<HistoryVector>("histories", 4).vectors) {
  test(`history ${vector.id}, read: ${vector.name}`, async () => {
    const at = mkdtempSync(join(folder, "repository-"))
    git(at, "init", "--quiet", "--bare", `--object-format=${vector.format}`)
    for (const [type, ...content] of vector.objects) {
      const args = ["-C", at, "hash-object", "-w", "--literally", "-t", type, "--stdin"]
      execFileSync("git", args, { input: Buffer.concat(content.map(toRecord)) })
    }
    const path = join(at, vector.ref)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, `${vector.head}\n`)
    git(at, "fsck", "--strict")
    await using log = await openGitLog(at, vector.log)
    expect([log.id, await log.start(), await log.sealed()]).toEqual([
      vector.logId,
      vector.start,
      vector.sealed,
    ])
    const read = await Array.fromAsync(log.replay(), ({ data }) => toHex(data))
    expect(read).toEqual(vector.records.map((record) => toHex(toRecord(record))))
    expect(await log.tail()).toBe(vector.start + read.length)
    if (vector.sealed) return
    const writer = log.writable().getWriter()
    void writer.write(Buffer.from("more"))
    await writer.close()
    expect(await log.tail()).toBe(vector.start + read.length + 1)
  })
}

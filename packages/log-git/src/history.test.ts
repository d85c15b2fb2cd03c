import { mkdtempSync } from "node:fs"
import { join } from "node:path"
import { toOffset } from "@bellmouth/log"
import { expect, test } from "vitest"
import { git, testFolder } from "../testing/git.ts"
import { appendEach, numbered, texts } from "../testing/records.ts"
import { openGitLog } from "./open-git-log.ts"

const folder = testFolder()
const repository = (): string => mkdtempSync(join(folder, "repository-"))

test("a log of more than one checkpoint is read from anywhere, opened with few reads, and forked", async () => {
  const at = repository()
  const log = await openGitLog(at, "long", { level: "process" })
  await appendEach(log, numbered(0, 600), { producer: { id: "till", epoch: 0 } })
  const all = numbered(0, 600)
  for (const from of [0, 1, 255, 256, 257, 511, 512, 513, 599, 600]) {
    expect(await texts(log, { from: toOffset(from) })).toEqual(all.slice(from))
  }
  expect(git(at, "rev-list", "--count", log.ref).trim()).toBe("601")
  for (const forkAt of [0, 1, 256, 257, 300, 600]) {
    await using fork = await log.fork(toOffset(forkAt), `fork ${forkAt}`)
    await appendEach(fork, ["beyond"])
    expect(await texts(fork)).toEqual([...all.slice(0, forkAt), "beyond"])
  }
  await log.close()
  await using again = await openGitLog(at, "long", { level: "process" })
  expect(await texts(again, { from: { last: 300 } })).toEqual(all.slice(300))
  const { readable, writable } = again.append({ producer: { id: "till", epoch: 0, sequence: 10 } })
  void writable.getWriter().write(Buffer.from("record 10"))
  const { value } = await readable.getReader().read()
  expect(value).toMatchObject({ offset: 10, repeated: true })
  git(at, "fsck", "--strict", "--full")
})

test("git reads the log as one commit for each group of records, oldest at the root", async () => {
  const at = repository()
  await using log = await openGitLog(at, "plain", { level: "process" })
  const writer = log.writable().getWriter()
  void writer.write(Buffer.from('{"n":1}'))
  void writer.write([Buffer.from('{"n":2}'), Buffer.from('{"n":3}')])
  await writer.close()
  await log.trim(toOffset(1))
  await log.seal()
  const subjects = git(at, "log", "--reverse", "--format=%s", log.ref).trim().split("\n")
  expect(subjects).toEqual([`log ${log.id}`, "append 0 3", "trim 1", "seal 3"])
  const body = git(at, "log", "-1", "--skip=2", "--format=%B", log.ref)
  expect(body).toBe(
    'append 0 3\n\n{"n":1}\n{"n":2}\n{"n":3}\n\nBatches: 1 x 1 lines 8\nBatches: 1 x 2 lines 16\n\n',
  )
  expect(git(at, "rev-list", "--max-parents=0", log.ref).trim().split("\n").length).toBe(1)
})

test("clones and fetches carry the log, under a check of every object, and plain git finds no fault", async () => {
  const at = repository()
  const log = await openGitLog(at, "carried", { level: "process" })
  const odd = [Buffer.of(0), Buffer.of(10), Buffer.of(13, 10), Buffer.of(255), Buffer.alloc(0)]
  const large = Array.from({ length: 3 }, (_, n) => Buffer.alloc(50_000, n))
  await appendEach(log, [...odd, odd, large, ...odd])
  const wanted = await Array.fromAsync(log.replay())
  git(at, "fsck", "--strict")
  const checks = ["-c", "transfer.fsckObjects=true"]
  const [mirror, fetched] = [repository(), repository()]
  git(folder, ...checks, "clone", "--quiet", "--mirror", at, mirror)
  git(fetched, "init", "--quiet")
  git(fetched, ...checks, "fetch", "--quiet", at, "refs/bellmouth/*:refs/bellmouth/*")
  for (const copy of [mirror, fetched]) {
    await using read = await openGitLog(copy, "carried", { mode: "read" })
    expect(read.id).toBe(log.id)
    expect(await Array.fromAsync(read.replay())).toEqual(wanted)
  }
  await log.close()
})

test("maintain() packs what is loose, without harm to a replay, and the log goes on", async () => {
  const at = repository()
  await using log = await openGitLog(at, "packed")
  await appendEach(log, numbered(0, 40))
  const reader = log.replay().getReader()
  await reader.read()
  const loose = (): number => Number(/count: (\d+)/.exec(git(at, "count-objects", "-v"))?.[1])
  expect(loose()).toBeGreaterThan(40)
  await Promise.all([log.maintain(), appendEach(log, numbered(40, 50))])
  expect(loose()).toBeLessThan(40)
  let seen = 1
  while (!(await reader.read()).done) seen++
  expect(seen).toBe(40)
  git(at, "pack-refs", "--all")
  expect(await texts(log)).toEqual(numbered(0, 50))
  await appendEach(log, numbered(50, 52))
  expect(await texts(log)).toEqual(numbered(0, 52))
})

test("a snapshot lies in the tree, outlives the log's closing, and is of this log", async () => {
  const at = repository()
  const log = await openGitLog(at, "counted", { level: "process" })
  const store = log.snapshots<{ readonly seen: number }>()
  expect(await store.load()).toBeUndefined()
  await appendEach(log, numbered(0, 3))
  await store.save({ log: log.id, offset: toOffset(3), state: { seen: 3 } })
  await appendEach(log, numbered(3, 5))
  await log.close()
  await using read = await openGitLog(at, "counted", { mode: "read" })
  expect(await read.snapshots().load()).toEqual({ log: log.id, offset: 3, state: { seen: 3 } })
  expect(git(at, "cat-file", "-p", `${read.ref}:snapshot`)).toContain('{"seen":3}')
  const saved = read.snapshots().save({ log: log.id, offset: toOffset(5), state: 5 })
  await expect(saved).rejects.toMatchObject({ code: "READ_ONLY" })
})

test("an object whose bytes have changed is CORRUPT, and is not served", async () => {
  const at = repository()
  const log = await openGitLog(at, "damaged", { level: "process" })
  await appendEach(log, numbered(0, 5))
  const oid = git(at, "rev-parse", `${log.ref}~2`).trim()
  // Another object, whole in itself, in the place of a commit: only its name tells.
  const other = git(at, "rev-parse", `${log.ref}~1`).trim()
  const path = (name: string): string => join(at, "objects", name.slice(0, 2), name.slice(2))
  await log.close()
  const { copyFileSync, chmodSync } = await import("node:fs")
  await using read = await openGitLog(at, "damaged", { mode: "read" })
  chmodSync(path(oid), 0o644)
  copyFileSync(path(other), path(oid))
  const entries: string[] = []
  const reading = (async () => {
    for await (const { data } of read.replay()) entries.push(Buffer.from(data).toString())
  })()
  await expect(reading).rejects.toMatchObject({ code: "CORRUPT", path: oid })
  expect(entries.every((text, n) => text === `record ${n}`)).toBe(true)
  await expect(openGitLog(at, "damaged")).rejects.toMatchObject({ code: "CORRUPT", path: oid })
})

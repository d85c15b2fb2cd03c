import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { hostname, tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import type { FileLayer } from "./files/file-layer.ts"
import { nodeFileLayer } from "./files/node-file-layer.ts"
import { ownIdentity } from "./locks/process-identity.ts"
import { type FsLog, openFsLog } from "./open-fs-log.ts"
import { faultLayer } from "./testing/fault-layer.ts"
import { MemoryFileLayer } from "./testing/memory-file-layer.ts"

let directory = ""
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "bellmouth-log-"))
})
afterEach(() => rm(directory, { recursive: true }))

async function append(log: Awaited<ReturnType<typeof openFsLog>>, ...texts: string[]) {
  const writer = log.writable().getWriter()
  for (const text of texts) writer.write(new TextEncoder().encode(text)).catch(() => {})
  await writer.close()
}

async function texts(log: Awaited<ReturnType<typeof openFsLog>>) {
  const entries = await Array.fromAsync(log.replay())
  return entries.map(({ data }) => new TextDecoder().decode(data))
}

test("the writer makes a directory that is missing, with those above it", async () => {
  const deep = join(directory, "a", "b")
  await using log = await openFsLog(deep)
  expect(await log.tail()).toBe(0)
  expect((await readdir(deep)).sort()).toEqual(["00000000000000000000.log", "lock", "tail"])
})

test("a directory of other files is NOT_A_LOG, and is left as it was", async () => {
  await writeFile(join(directory, "notes.txt"), "mine")
  for (const mode of ["write", "read"] as const) {
    const opened = openFsLog(directory, { mode })
    await expect(opened).rejects.toMatchObject({ code: "NOT_A_LOG", path: directory })
  }
  await expect(openFsLog(directory)).rejects.toThrow(
    /it holds other files \(notes.txt\) and no log/,
  )
  expect(await readdir(directory)).toEqual(["notes.txt"])
})

test("a file, and a directory that a reader finds missing, are NOT_A_LOG", async () => {
  const file = join(directory, "file")
  await writeFile(file, "")
  for (const mode of ["write", "read"] as const) {
    const opened = openFsLog(file, { mode })
    await expect(opened).rejects.toMatchObject({ code: "NOT_A_LOG" })
    await expect(openFsLog(file, { mode })).rejects.toThrow(/it is a file/)
  }
  const missing = openFsLog(join(directory, "none"), { mode: "read" })
  await expect(missing).rejects.toThrow(/there is no such directory/)
  await expect(openFsLog(directory, { mode: "read" })).rejects.toThrow(/there is no log in it/)
})

test("a segment of a later format is UNSUPPORTED_VERSION", async () => {
  const { encodeSegmentHeader } = await import("./segments/segment-header.ts")
  const { checksumOf } = await import("./files/checksum.ts")
  const header = encodeSegmentHeader({ id: new Uint8Array(16), base: 0, previous: 0 })
  const view = new DataView(header.buffer)
  view.setUint32(8, 2)
  view.setUint32(4, checksumOf(header, 0))
  await writeFile(join(directory, "00000000000000000000.log"), header)
  await expect(openFsLog(directory)).rejects.toMatchObject({ code: "UNSUPPORTED_VERSION" })
})

test("a second writer is LOCKED, also in this process, until the first has closed", async () => {
  const log = await openFsLog(directory)
  const second = openFsLog(directory)
  await expect(second).rejects.toMatchObject({ code: "LOCKED", path: join(directory, "lock") })
  await expect(openFsLog(directory)).rejects.toThrow(`process ${process.pid} on ${hostname()}`)
  await log.close()
  await (await openFsLog(directory)).close()
  expect((await readdir(directory)).sort()).toEqual(["00000000000000000000.log", "tail"])
})

test("a writer that lives is LOCKED, or fenced by one that is to take over", async () => {
  const first = await openFsLog(directory)
  await append(first, "one")
  const second = await openFsLog(directory, { takeOver: true })
  await append(second, "two")
  await expect(append(first, "three")).rejects.toMatchObject({ code: "FENCED", epoch: 2 })
  await expect(append(first, "four")).rejects.toMatchObject({ code: "POISONED" })
  await expect(first.close()).resolves.toBeUndefined()
  await append(second, "three")
  expect(await texts(second)).toEqual(["one", "two", "three"])
  await second.close()
})

test("a reader tells the level of its writer, also of the next one", async () => {
  for (const level of ["process", "disk"] as const) {
    const log = await openFsLog(directory, { level })
    await using reader = await openFsLog(directory, { mode: "read" })
    expect(reader.level).toBe(level)
    await log.close()
    const other = level === "disk" ? "process" : "disk"
    const next = await openFsLog(directory, { level: other })
    await reader.tail()
    expect(reader.level).toBe(other)
    await next.close()
  }
})

test("of many that take over the lock of a dead writer, one gets it", async () => {
  const dead = { ...ownIdentity(), pid: 2 ** 22 + 1, started: "1" }
  for (let round = 0; round < 10; round++) {
    await writeFile(join(directory, "lock"), JSON.stringify(dead))
    const opened = await Promise.allSettled(Array.from({ length: 6 }, () => openFsLog(directory)))
    const logs = opened.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []))
    expect(logs.length).toBe(1)
    for (const result of opened) {
      if (result.status === "rejected") expect(result.reason).toMatchObject({ code: "LOCKED" })
    }
    await logs[0]?.close()
  }
})

test("a lock from before the machine began anew is that of a dead writer", async () => {
  const before = { ...ownIdentity(), boot: "another" }
  await writeFile(join(directory, "lock"), JSON.stringify(before))
  await (await openFsLog(directory)).close()
})

test("a lock whose holder can not be looked at is LOCKED, and the message says what to do", async () => {
  const elsewhere = { ...ownIdentity(), host: "elsewhere", boot: "another" }
  for (const text of [JSON.stringify(elsewhere), "", "{}", "null", '{"pid":"1"}']) {
    await writeFile(join(directory, "lock"), text)
    await expect(openFsLog(directory)).rejects.toMatchObject({ code: "LOCKED" })
    await expect(openFsLog(directory)).rejects.toThrow(/if no writer runs, remove .*lock/)
    expect(await readFile(join(directory, "lock"), "utf8")).toBe(text)
  }
})

test("a log opened for reading refuses records with READ_ONLY, and goes on being read", async () => {
  const log = await openFsLog(directory)
  await append(log, "one")
  await using reader = await openFsLog(directory, { mode: "read" })
  expect(reader.id).toBe(log.id)
  expect(reader.supports.append).toBe(false)
  await expect(append(reader, "two")).rejects.toMatchObject({ code: "READ_ONLY" })
  expect(await texts(reader)).toEqual(["one"])
  await log.close()
})

test("readers see no record before the writer has published it, and follow it across segments", async () => {
  let hold: PromiseWithResolvers<void> | undefined
  const held: typeof nodeFileLayer = {
    ...nodeFileLayer,
    async open(path, mode) {
      const file = await nodeFileLayer.open(path, mode)
      const syncData = file.syncData.bind(file)
      file.syncData = async () => {
        await hold?.promise
        await syncData()
      }
      return file
    },
  }
  const log = await openFsLog(directory, { fileLayer: held, segmentBytes: 200 })
  await append(log, "0")
  const reader = await openFsLog(directory, { mode: "read" })
  const follower = reader.replay({ follow: true }).getReader()
  const next = async () => new TextDecoder().decode((await follower.read()).value?.data)
  expect(await next()).toBe("0")
  hold = Promise.withResolvers()
  const appended = append(log, "1")
  // The frame is in the file when the sync begins; the tail file does not say so yet.
  await expect
    .poll(async () => (await readFile(join(directory, "00000000000000000000.log"))).includes("1\n"))
    .toBe(true)
  expect(await reader.tail()).toBe(1)
  expect(await texts(reader)).toEqual(["0"])
  hold.resolve()
  hold = undefined
  await appended
  expect(await next()).toBe("1")
  for (let n = 2; n < 20; n++) {
    await append(log, String(n))
    expect(await next()).toBe(String(n))
  }
  expect((await readdir(directory)).filter((name) => name.endsWith(".log")).length).toBeGreaterThan(
    3,
  )
  await follower.cancel()
  await reader.close()
  await log.close()
})

test("a reader whose log was replaced by another is told so", async () => {
  const log = await openFsLog(directory)
  await append(log, "old")
  const reader = await openFsLog(directory, { mode: "read" })
  await log.close()
  for (const name of await readdir(directory)) await rm(join(directory, name))
  const other = await openFsLog(directory)
  await expect(reader.tail()).rejects.toMatchObject({ code: "NOT_A_LOG" })
  await reader.close()
  await other.close()
})

test("segments of two logs in one directory are CORRUPT", async () => {
  const other = join(directory, "other")
  const mine = join(directory, "mine")
  for (const path of [mine, other]) {
    const log = await openFsLog(path, { segmentBytes: 100 })
    for (let n = 0; n < 4; n++) await append(log, `${n}`)
    await log.close()
  }
  const name = "00000000000000000001.log"
  await writeFile(join(mine, name), await readFile(join(other, name)))
  await using log = await openFsLog(mine)
  await expect(texts(log)).rejects.toMatchObject({ code: "CORRUPT", offset: 1 })
})

test.skipIf(process.platform !== "linux")(
  "a place where the system makes no directories is told, and not waited for",
  async () => {
    const opening = openFsLog("/proc/nowhere/at/all")
    await expect(opening).rejects.toMatchObject({
      code: "WRITE_FAILED",
      message: expect.stringContaining("mkdir '/proc/nowhere'"),
    })
  },
)

test("options that are none are a RangeError", async () => {
  const wrong = [
    { segmentBytes: 0 },
    { maxBatchBytes: 1.5 },
    { maxBatchBytes: 2 ** 32 },
    { mode: "append" },
    { level: "memory" },
  ]
  for (const options of wrong) {
    await expect(openFsLog(directory, options as object)).rejects.toBeInstanceOf(RangeError)
  }
  await mkdir(join(directory, "empty"))
  expect(await readdir(directory)).toEqual(["empty"])
})

test("a reader that opens the log while it is being made follows it like any other", async () => {
  const files = new MemoryFileLayer()
  let reader: FsLog | undefined
  const faultless = faultLayer(files, () => undefined)
  const fileLayer: FileLayer = {
    ...faultless,
    async claim(path, content) {
      // The tail file is there by now, and no segment.
      if (path.endsWith(".log")) reader ??= await openFsLog("/log", { fileLayer, mode: "read" })
      return faultless.claim(path, content)
    },
  }
  await using log = await openFsLog("/log", { fileLayer })
  const first = reader?.replay({ follow: true }).getReader().read()
  await log.appendBatch(new Uint8Array([7]))
  expect((await first)?.value?.data).toEqual(new Uint8Array([7]))
  await reader?.close()
})

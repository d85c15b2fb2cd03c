import { type Ack, LogError } from "@bellmouth/log"
import { expect, test } from "vitest"
import { openFsLog } from "./open-fs-log.ts"
import { type FileFault, type FileOperation, faultLayer } from "./testing/fault-layer.ts"
import { fileError, MemoryFileLayer } from "./testing/memory-file-layer.ts"

const SEGMENT = "/log/00000000000000000000.log"
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/** A log on a layer whose faults are decided while it runs. */
async function faulty(segmentBytes = 1_000_000) {
  const files = new MemoryFileLayer()
  const operations: FileOperation[] = []
  const plan: { decide: (operation: FileOperation) => FileFault | undefined } = {
    decide: () => undefined,
  }
  const fileLayer = faultLayer(files, (operation) => {
    operations.push(operation)
    return plan.decide(operation)
  })
  const log = await openFsLog("/log", { fileLayer, segmentBytes })
  return { log, files, plan, operations }
}

async function append(log: { append(): ReadableWritablePair<Ack, Uint8Array> }, text: string) {
  const { readable, writable } = log.append()
  const writer = writable.getWriter()
  writer.write(bytes(text)).catch(() => {})
  writer.close().catch(() => {})
  return (await readable.getReader().read()).value
}

async function texts(log: { replay(): ReadableStream<{ data: Uint8Array }> }): Promise<string[]> {
  const all = await Array.fromAsync(log.replay())
  return all.map(({ data }) => new TextDecoder().decode(data))
}

const FAULTS: Record<string, (operation: FileOperation) => FileFault | undefined> = {
  "a full disk": ({ name, path }) =>
    name === "write" && path === SEGMENT
      ? { type: "error", error: fileError("ENOSPC", path) }
      : undefined,
  "a disk that is full in the middle of a frame": ({ name, path, byteLength }) =>
    name === "write" && path === SEGMENT
      ? { type: "torn", byteLength: byteLength >> 1, error: fileError("ENOSPC", path) }
      : undefined,
  "a failed fdatasync": ({ name, path }) =>
    name === "syncData" && path === SEGMENT
      ? { type: "error", error: fileError("EIO", path) }
      : undefined,
  "a tail file that can not be written": ({ name, path }) =>
    name === "write" && path === "/log/tail"
      ? { type: "error", error: fileError("EDQUOT", path) }
      : undefined,
  "a write that stores nothing": ({ name, path }) =>
    name === "write" && path === SEGMENT ? { type: "short", byteLength: 0 } : undefined,
}

for (const [what, decide] of Object.entries(FAULTS)) {
  test(`${what} fails the append, poisons the log, and leaves what was acknowledged`, async () => {
    const { log, files, plan, operations } = await faulty()
    expect(await append(log, "kept")).toMatchObject({ offset: 0, level: "disk" })
    plan.decide = decide
    const failure: unknown = await append(log, "lost").catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(LogError)
    expect(failure).toMatchObject({ code: "WRITE_FAILED" })
    expect(failure).toHaveProperty("message", expect.stringContaining("Cannot store 1 records: "))
    plan.decide = () => undefined
    operations.length = 0
    await expect(append(log, "late")).rejects.toMatchObject({ code: "POISONED", cause: failure })
    expect(await texts(log)).toEqual(["kept"])
    expect(await log.tail()).toBe(1)
    await log.close()
    const touched = operations.filter(({ name }) =>
      ["write", "syncData", "truncate"].includes(name),
    )
    expect(touched, "a poisoned log is not written to again").toEqual([])
    await using again = await openFsLog("/log", { fileLayer: files })
    const [first, ...rest] = await texts(again)
    expect(first).toBe("kept")
    // What failed after it was written may be there: its outcome was never told.
    expect(rest.length === 0 || (rest.length === 1 && rest[0] === "lost")).toBe(true)
    expect((await append(again, "next"))?.offset).toBe(1 + rest.length)
  })
}

test("short writes are gone on with", async () => {
  const { log, files, plan } = await faulty(500)
  let shortened = 0
  plan.decide = ({ name, byteLength }) => {
    if (name !== "write" || byteLength < 4) return undefined
    shortened++
    return { type: "short", byteLength: byteLength >> 2 }
  }
  for (let n = 0; n < 20; n++) expect((await append(log, `record ${n}`))?.offset).toBe(n)
  await log.close()
  expect(shortened).toBeGreaterThan(100)
  await using again = await openFsLog("/log", { fileLayer: files })
  expect(await texts(again)).toEqual(Array.from({ length: 20 }, (_, n) => `record ${n}`))
})

test("each operation failing once: what was acknowledged is there after reopening", async () => {
  const script = async (log: Awaited<ReturnType<typeof openFsLog>>, acked: string[]) => {
    for (let n = 0; n < 12; n++) {
      await append(log, `record ${n}`)
      acked.push(`record ${n}`)
    }
    await log.close()
  }
  let operations = 0
  let [failedOpens, failedRuns, survived] = [0, 0, 0]
  for (let nth = 0; ; nth++) {
    const files = new MemoryFileLayer()
    const acked: string[] = []
    let count = 0
    const fileLayer = faultLayer(files, ({ path }) =>
      count++ === nth ? { type: "error", error: fileError("EIO", path) } : undefined,
    )
    const options = { fileLayer, segmentBytes: 300 }
    const log = await openFsLog("/log", options).catch((error: unknown) => {
      expect(error).toBeInstanceOf(LogError)
      failedOpens++
      return undefined
    })
    if (log !== undefined) {
      await script(log, acked).then(
        () => survived++,
        () => failedRuns++,
      )
      await log.close().catch(() => {})
    }
    // The writer is gone, whatever state it was in when it failed.
    files.files.delete("/log/lock")
    files.files.delete("/log/lock.takeover")
    const again = await openFsLog("/log", { fileLayer: files, segmentBytes: 300 })
    const read = await texts(again)
    expect(read.slice(0, acked.length), `operation ${nth} failed`).toEqual(acked)
    expect(read.length - acked.length).toBeLessThanOrEqual(1)
    await again.close()
    operations = Math.max(operations, count)
    if (nth >= operations) break
  }
  expect(operations).toBeGreaterThan(60)
  expect(failedOpens).toBeGreaterThan(10)
  expect(failedRuns).toBeGreaterThan(30)
  expect(survived).toBeGreaterThan(0)
})

test("a read that fails is READ_FAILED, and harms nothing", async () => {
  const { log, plan } = await faulty()
  await append(log, "kept")
  plan.decide = ({ name, path }) =>
    name === "read" ? { type: "error", error: fileError("EIO", path) } : undefined
  await expect(texts(log)).rejects.toMatchObject({ code: "READ_FAILED" })
  plan.decide = () => undefined
  expect(await texts(log)).toEqual(["kept"])
  await log.close()
})

test("an acknowledgement comes after the fdatasync that began after its write", async () => {
  const { log, operations } = await faulty(400)
  for (let n = 0; n < 30; n++) {
    operations.length = 0
    await append(log, `record ${n}`)
    const steps = operations
      .filter(({ name, path }) => path.endsWith(".log") && ["write", "syncData"].includes(name))
      .map(({ name }) => name)
    expect(steps.slice(-2)).toEqual(["write", "syncData"])
  }
  await log.close()
})

test("a segment is on disk under its name before it takes records", async () => {
  const { log, operations } = await faulty(100)
  operations.length = 0
  for (let n = 0; n < 3; n++) await append(log, `record ${n}`)
  await log.close()
  const base = "/log/00000000000000000001.log"
  const steps = operations
    .filter(({ path, name }) => path.startsWith(base) || name === "syncDirectory")
    .map(({ name, path }) => `${name} ${path.replace(base, "segment")}`)
  const made = steps.slice(steps.indexOf("claim segment"), steps.indexOf("write segment"))
  expect(made).toEqual(["claim segment", "syncDirectory /log", "open segment"])
})

test("a segment whose sealing was cut short is sealed by the next writer", async () => {
  const { log, files, plan } = await faulty(100)
  await append(log, "first")
  const second = "/log/00000000000000000001.log"
  plan.decide = ({ name, path }) =>
    name === "claim" && path === second
      ? { type: "error", error: fileError("EIO", path) }
      : undefined
  await expect(append(log, "second")).rejects.toMatchObject({ code: "WRITE_FAILED" })
  await log.close()
  expect(files.files.has("/log/00000000000000000000.index")).toBe(true)
  await using again = await openFsLog("/log", { fileLayer: files, segmentBytes: 100 })
  expect((await append(again, "second"))?.offset).toBe(1)
  expect(await texts(again)).toEqual(["first", "second"])
})

import { type Log, LogError, toOffset } from "@bellmouth/log"
import { expect, test } from "vitest"
import { openFsLog } from "./open-fs-log.ts"
import { type FileFault, type FileOperation, faultLayer } from "./testing/fault-layer.ts"
import { fileError, MemoryFileLayer } from "./testing/memory-file-layer.ts"

const RECORDS = ["one", "two", "three", "four", "five"].map((text) => text.repeat(30))

/** A log of some segments, one of whose operations fails: the one with that number after `arm`. */
async function failingLog(index: number) {
  const files = new MemoryFileLayer()
  let count = Number.NEGATIVE_INFINITY
  let failed: string | undefined
  const fault = ({ name, path, byteLength }: FileOperation): FileFault | undefined => {
    if (count++ !== index) return undefined
    failed = `${name} of ${path}`
    const error = fileError("EIO", path)
    // A write that fails may have stored a part.
    return byteLength > 1
      ? { type: "torn", byteLength: byteLength >> 1, error }
      : { type: "error", error }
  }
  const log = await openFsLog("/log", { fileLayer: faultLayer(files, fault), segmentBytes: 200 })
  for (const text of RECORDS) await append(log, text)
  return { log, files, arm: () => void (count = 0), failed: () => failed }
}

async function append(log: Log, text: string): Promise<void> {
  const writer = log.writable().getWriter()
  writer.closed.catch(() => {})
  writer.write(new TextEncoder().encode(text)).catch(() => {})
  await writer.close()
}

async function texts(log: Log): Promise<string[]> {
  const entries = await Array.fromAsync(log.replay())
  return entries.map(({ data }) => new TextDecoder().decode(data))
}

async function code(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "done",
    (error: unknown) => (error instanceof LogError ? error.code : String(error)),
  )
}

test("whichever operation of a fork fails, the log goes on, and there is no half of a fork", async () => {
  const seen = new Set<string>()
  let index = 0
  for (; ; index++) {
    const { log, files, arm, failed } = await failingLog(index)
    arm()
    const forked = await code(log.fork(toOffset(4), "/fork"))
    const what = failed()
    if (what === undefined) break
    seen.add(what.split(" ")[0] ?? "")
    await append(log, "six")
    expect(await texts(log), what).toEqual([...RECORDS, "six"])
    const found = await code(openFsLog("/fork", { mode: "read", fileLayer: files }))
    if (found === "done") {
      const reader = await openFsLog("/fork", { mode: "read", fileLayer: files })
      expect(await texts(reader), what).toEqual(RECORDS.slice(0, 4))
      continue
    }
    expect(found, what).toBe("NOT_A_LOG")
    expect(["WRITE_FAILED", "READ_FAILED", "EXISTS"], what).toContain(forked)
    const again = await log.fork(toOffset(4), "/fork")
    expect(await texts(again), what).toEqual(RECORDS.slice(0, 4))
  }
  expect(index).toBeGreaterThan(60)
  for (const name of ["open", "read", "write", "syncData", "rename", "syncDirectory", "remove"]) {
    expect([...seen]).toContain(name)
  }
})

test("whichever operation of a seal fails, nothing more is stored, and it is there or not", async () => {
  let index = 0
  for (; ; index++) {
    const { log, files, arm, failed } = await failingLog(index)
    arm()
    const sealed = await code(log.seal())
    const what = failed()
    if (what === undefined) break
    expect(sealed, what).toBe("WRITE_FAILED")
    expect(await code(append(log, "six")), what).toBe("POISONED")
    expect(await code(log.seal()), what).toBe("POISONED")
    expect(await texts(log), what).toEqual(RECORDS)
    files.files.delete("/log/lock")
    const again = await openFsLog("/log", { fileLayer: files })
    const isSealed = await again.sealed()
    expect(await code(append(again, "six")), what).toBe(isSealed ? "SEALED" : "done")
    expect(await again.seal(), what).toBe(isSealed ? 5 : 6)
  }
  expect(index).toBeGreaterThan(5)
})

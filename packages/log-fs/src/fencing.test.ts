import { LogError, toOffset } from "@bellmouth/log"
import { expect, test } from "vitest"
import type { FileLayer, LayerFile } from "./file-layer.ts"
import { type FsLog, openFsLog } from "./open-fs-log.ts"
import { MemoryFileLayer } from "./testing/memory-file-layer.ts"
import { verifyFsLog } from "./verify-fs-log.ts"

const SEGMENT_BYTES = 300
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/** A layer whose `nth` operation waits until it is let go. */
class StoppedLayer {
  readonly stopped: Promise<void>
  readonly go: () => void
  readonly layer: FileLayer
  operations = 0

  constructor(files: FileLayer, nth: number) {
    const stopped = Promise.withResolvers<void>()
    const go = Promise.withResolvers<void>()
    this.stopped = stopped.promise
    this.go = go.resolve
    const run = async <T>(act: () => T | Promise<T>): Promise<T> => {
      if (this.operations++ === nth) {
        stopped.resolve()
        await go.promise
      }
      return act()
    }
    const wrap = (file: LayerFile): LayerFile => ({
      size: () => run(() => file.size()),
      read: (into, position) => run(() => file.read(into, position)),
      write: (parts, position) => run(() => file.write(parts, position)),
      syncData: () => run(() => file.syncData()),
      truncate: (byteLength) => run(() => file.truncate(byteLength)),
      close: () => run(() => file.close()),
    })
    this.layer = {
      open: (path, mode) => run(async () => wrap(await files.open(path, mode))),
      list: (directory) => run(() => files.list(directory)),
      makeDirectory: (directory) => run(() => files.makeDirectory(directory)),
      rename: (from, to) => run(() => files.rename(from, to)),
      remove: (path) => run(() => files.remove(path)),
      syncDirectory: (directory) => run(() => files.syncDirectory(directory)),
      claim: (path, content) => run(() => files.claim(path, content)),
      readText: (path) => run(() => files.readText(path)),
      watch: (directory, wake) => files.watch(directory, wake),
    }
  }
}

/** Appends one record, and says where it went once it is acknowledged. */
async function append(log: FsLog, text: string): Promise<number | undefined> {
  const { readable, writable } = log.append()
  const writer = writable.getWriter()
  writer.write(bytes(text)).catch(() => {})
  writer.close().catch(() => {})
  return (await readable.getReader().read()).value?.offset
}

/** What a writer does that is stopped somewhere; gives the error that it ends with. */
async function work(fileLayer: FileLayer, acks: Map<number, string>): Promise<unknown> {
  try {
    const log = await openFsLog("/log", { fileLayer, segmentBytes: SEGMENT_BYTES })
    try {
      for (let n = 0; n < 9; n++) {
        const text = `first ${n} ${"-".repeat(40)}`
        const offset = await append(log, text)
        if (offset !== undefined) acks.set(offset, text)
        if (n === 6) await log.trim(toOffset(1))
      }
    } finally {
      await log.close()
    }
    return undefined
  } catch (error) {
    return error
  }
}

async function contents(fileLayer: FileLayer): Promise<Map<number, string>> {
  await using log = await openFsLog("/log", { fileLayer, segmentBytes: SEGMENT_BYTES })
  const entries = await Array.fromAsync(log.replay())
  return new Map(entries.map(({ offset, data }) => [offset, new TextDecoder().decode(data)]))
}

test("a writer that is stopped anywhere and loses its lock harms nothing, and acknowledges what is there", async () => {
  const seen = { fenced: 0, acknowledged: 0, others: 0, locked: 0 }
  for (let nth = 0; ; nth++) {
    const files = new MemoryFileLayer()
    const options = { fileLayer: files, segmentBytes: SEGMENT_BYTES, takeOver: true }
    const before = await openFsLog("/log", options)
    await append(before, "before")
    await before.close()
    const acks = { first: new Map<number, string>(), second: new Map<number, string>() }
    const gate = new StoppedLayer(files, nth)
    const first = work(gate.layer, acks.first)
    const isStopped = await Promise.race([gate.stopped.then(() => true), first.then(() => false)])
    if (!isStopped) break
    const second = await openFsLog("/log", options).catch((error: unknown) => {
      expect(error, `stopped before ${nth}`).toMatchObject({ code: "LOCKED" })
      return undefined
    })
    if (second === undefined) {
      // Who is about to remove a lock is waited for.
      seen.locked++
      gate.go()
      await first
      continue
    }
    const appendSecond = async (text: string): Promise<void> => {
      const offset = await append(second, text)
      if (offset !== undefined) acks.second.set(offset, text)
    }
    for (let n = 0; n < 4; n++) await appendSecond(`second ${n}`)
    const acknowledged = acks.first.size
    gate.go()
    const error = await first
    const where = `stopped before operation ${nth}`
    if (error instanceof LogError && (error.code === "FENCED" || error.code === "POISONED")) {
      seen.fenced++
      // One that was written, and found there by the second, may have been under way.
      expect(acks.first.size - acknowledged, where).toBeLessThanOrEqual(1)
      seen.acknowledged += acks.first.size - acknowledged
    } else seen.others++
    for (let n = 4; n < 9; n++) await appendSecond(`second ${n}`)
    await second.close()
    expect((await verifyFsLog("/log", { fileLayer: files })).damages, where).toEqual([])
    const found = await contents(files)
    const start = Math.min(...found.keys())
    expect(start, where).toBeLessThanOrEqual(1)
    expect(acks.second.size, where).toBe(9)
    for (const [offset, text] of [...acks.first, ...acks.second]) {
      if (offset >= start) expect(found.get(offset), `${where}, offset ${offset}`).toBe(text)
    }
  }
  expect(seen.fenced).toBeGreaterThan(60)
  expect(seen.locked).toBeLessThan(8)
  expect(seen.acknowledged).toBeGreaterThan(5)
})

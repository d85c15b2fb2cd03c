import { LogError, toOffset } from "@bellmouth/log"
import { type FileLayer, type FsLog, type LayerFile, verifyFsLog } from "@bellmouth/log-fs"
import { MemoryFileLayer } from "@bellmouth/log-fs/testing"
import type { LogFs } from "./planted-fault.ts"

type Open = LogFs["openFsLog"]

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
async function work(open: Open, fileLayer: FileLayer, acks: Map<number, string>): Promise<unknown> {
  try {
    const log = await open("/log", { fileLayer, segmentBytes: SEGMENT_BYTES })
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

async function contents(open: Open, fileLayer: FileLayer): Promise<Map<number, string>> {
  await using log = await open("/log", { fileLayer, segmentBytes: SEGMENT_BYTES })
  const entries = await Array.fromAsync(log.replay())
  return new Map(entries.map(({ offset, data }) => [offset, new TextDecoder().decode(data)]))
}

/** What was seen of writers that were stopped. */
export interface FencingReport {
  fenced: number
  /** Acknowledged by the first after the second had begun, which has found it. */
  acknowledged: number
  locked: number
  others: number
  readonly failures: string[]
}

/** Stops a writer before each of its operations in turn, lets another take over, and lets the first go on. */
export async function stopEverywhere(open: Open): Promise<FencingReport> {
  const report = { fenced: 0, acknowledged: 0, locked: 0, others: 0, failures: [] as string[] }
  for (let nth = 0; report.failures.length === 0; nth++) {
    const isStopped = await stopOnce(open, nth, report).catch((error: unknown) => {
      report.failures.push(`stopped before operation ${nth}: ${error}`)
      return true
    })
    if (!isStopped) break
  }
  return report
}

/** Gives whether there is an operation of that number. */
async function stopOnce(open: Open, nth: number, report: FencingReport): Promise<boolean> {
  const files = new MemoryFileLayer()
  // Other sizes, so that the two do not go on in the next segment at the same offset.
  const options = { fileLayer: files, segmentBytes: 3 * SEGMENT_BYTES, takeOver: true }
  const before = await open("/log", options)
  await append(before, "before")
  await before.close()
  const acks = { first: new Map<number, string>(), second: new Map<number, string>() }
  const gate = new StoppedLayer(files, nth)
  const first = work(open, gate.layer, acks.first)
  const isStopped = await Promise.race([gate.stopped.then(() => true), first.then(() => false)])
  if (!isStopped) return false
  const second = await open("/log", options).catch((error: unknown) => {
    if (error instanceof LogError && error.code === "LOCKED") return undefined
    throw error
  })
  if (second === undefined) {
    // Who is about to remove a lock is waited for.
    report.locked++
    gate.go()
    await first
    return true
  }
  const appendSecond = async (text: string): Promise<void> => {
    const offset = await append(second, text)
    if (offset !== undefined) acks.second.set(offset, text)
  }
  for (let n = 0; n < 4; n++) await appendSecond(`second ${n}`)
  const acknowledged = acks.first.size
  gate.go()
  const error = await first
  if (error instanceof LogError && (error.code === "FENCED" || error.code === "POISONED")) {
    report.fenced++
    report.acknowledged += acks.first.size - acknowledged
  } else report.others++
  for (let n = 4; n < 9; n++) await appendSecond(`second ${n}`)
  await second.close()
  await judge(open, files, acks, nth, report)
  return true
}

async function judge(
  open: Open,
  files: MemoryFileLayer,
  acks: { readonly first: Map<number, string>; readonly second: Map<number, string> },
  nth: number,
  report: FencingReport,
): Promise<void> {
  const { damages, tail } = await verifyFsLog("/log", { fileLayer: files })
  const found = await contents(open, files)
  const start = Math.min(...found.keys())
  const missing = [...acks.first, ...acks.second].filter(
    ([offset, text]) => offset >= start && found.get(offset) !== text,
  )
  const isPublished = tail > Math.max(...acks.second.keys())
  const isThere = missing.length === 0 && start <= 1 && acks.second.size === 9
  if (damages.length === 0 && isPublished && isThere) return
  const what = JSON.stringify({ damages, missing, start, tail, second: acks.second.size })
  report.failures.push(`stopped before operation ${nth}: ${what}`)
}

import { seededRandom } from "@bellmouth/core/testing"
import { LogError, toOffset } from "@bellmouth/log"
import { openFsLog } from "@bellmouth/log-fs"
import { MemoryFileLayer } from "@bellmouth/log-fs/testing"
import { type CrashCounts, CrashFileLayer } from "./crash-file-layer.ts"

/** What power cuts in and around trims have shown. */
export interface TrimReport extends CrashCounts {
  states: number
  /** Trims that had returned before a cut. */
  trimmed: number
  /** Cuts that left segments below the start. */
  leftovers: number
  readonly failures: string[]
}

const SEGMENT_BYTES = 300
const CUTS = 4
const recordOf = (offset: number): string => `record ${offset} ${"-".repeat(offset % 50)}`

/** Appends and trims by turns until the power is off, some times over, all by one seed. */
export async function trimCuts(seed: number, report: TrimReport): Promise<void> {
  const whole = seededRandom(seed)
  const random = (): number => whole(2 ** 32) / 2 ** 32
  let files: MemoryFileLayer | undefined
  let known = { tail: 0, start: 0 }
  for (let cut = 0; cut < CUTS; cut++) {
    const layer: CrashFileLayer = new CrashFileLayer(files?.files)
    layer.operationsLeft = Math.floor(random() * 120)
    const asked = { ...known }
    try {
      const log = await openFsLog("/log", { fileLayer: layer, segmentBytes: SEGMENT_BYTES })
      for (;;) {
        const tail = await log.tail()
        if (random() < 0.3) {
          asked.start = Math.max(asked.start, Math.floor(random() * (tail + 1)))
          await log.trim(toOffset(asked.start))
          known.start = asked.start
          report.trimmed++
        }
        const writer = log.writable().getWriter()
        writer.closed.catch(() => {})
        writer.write(new TextEncoder().encode(recordOf(tail))).catch(() => {})
        await writer.close()
        known.tail = tail + 1
      }
    } catch (error) {
      if (!(error instanceof LogError)) throw error
    }
    files = layer.crash(random, report)
    files.files.delete("/log/lock")
    files.files.delete("/log/lock.takeover")
    report.states++
    try {
      const before = [...files.files.keys()].filter((path) => path.endsWith(".log")).length
      const fileLayer = new MemoryFileLayer(files.files)
      await using log = await openFsLog("/log", { fileLayer, segmentBytes: SEGMENT_BYTES })
      const after = [...fileLayer.files.keys()].filter((path) => path.endsWith(".log")).length
      if (after < before) report.leftovers++
      const [start, tail] = [await log.start(), await log.tail()]
      const isRight = start >= known.start && start <= asked.start && tail >= known.tail
      if (!isRight)
        throw new Error(`begins at ${start}, ends at ${tail}, was ${JSON.stringify(known)}`)
      let next: number = start
      for await (const { offset, data } of log.replay()) {
        const text = new TextDecoder().decode(data)
        if (offset !== next || text !== recordOf(next)) throw new Error(`offset ${offset}: ${text}`)
        next++
      }
      if (next !== tail) throw new Error(`the replay ends at ${next}, the tail is ${tail}`)
      known = { start, tail }
    } catch (error) {
      report.failures.push(`seed ${seed}, cut ${cut}: ${error}`)
      return
    }
  }
}

export function newTrimReport(): TrimReport {
  const counts: CrashCounts = { writesLost: 0, writesTorn: 0, writesZeroed: 0, namesLost: 0 }
  return { ...counts, states: 0, trimmed: 0, leftovers: 0, failures: [] }
}

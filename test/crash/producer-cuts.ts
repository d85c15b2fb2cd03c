import { seededRandom } from "@bellmouth/core/testing"
import { LogError } from "@bellmouth/log"
import { openFsLog } from "@bellmouth/log-fs"
import type { MemoryFileLayer } from "@bellmouth/log-fs/testing"
import { CrashFileLayer } from "./crash-file-layer.ts"
import { type CrashReport, newReport } from "./crash-states.ts"

export interface ProducerReport extends CrashReport {
  /** Batches that were sent again, and found stored. */
  repeated: number
  /** Batches that were stored twice. */
  duplicated: number
}

const BATCHES = 25
const SEGMENT_BYTES = 400

/**
 * A producer that sends its batches until each is acknowledged, through power cuts, each time from
 * the first that was not. `isKnown` false plants the fault: the log is not told who sends.
 */
export async function producerCuts(
  seed: number,
  report: ProducerReport,
  isKnown = true,
): Promise<void> {
  const whole = seededRandom(seed)
  const random = (): number => whole(2 ** 32) / 2 ** 32
  const batches = Array.from({ length: BATCHES }, (_, n) => [`${n}/0`, `${n}/1`].slice(n % 2))
  let files: MemoryFileLayer | undefined
  let acknowledged = 0
  while (acknowledged < BATCHES) {
    const layer: CrashFileLayer = new CrashFileLayer(files?.files)
    layer.operationsLeft = 10 + Math.floor(random() * 50)
    try {
      const log = await openFsLog("/log", { fileLayer: layer, segmentBytes: SEGMENT_BYTES })
      const producer = { id: "one", epoch: 0, sequence: acknowledged }
      const { readable, writable } = log.append(isKnown ? { producer } : {})
      const writer = writable.getWriter()
      writer.closed.catch(() => {})
      const reader = readable.getReader()
      while (acknowledged < BATCHES) {
        const burst = batches.slice(acknowledged, acknowledged + 1 + Math.floor(random() * 4))
        for (const batch of burst) {
          writer.write(batch.map((text) => new TextEncoder().encode(text))).catch(() => {})
        }
        for (const _ of burst) {
          const { value } = await reader.read()
          if (value?.repeated === true) report.repeated++
          acknowledged++
          report.acknowledged++
        }
      }
    } catch (error) {
      if (!(error instanceof LogError)) throw error
      if (error.code !== "WRITE_FAILED" && error.code !== "POISONED") {
        report.failures.push(`seed ${seed}: ${error}`)
        return
      }
    }
    files = layer.crash(random, report)
    files.files.delete("/log/lock")
    files.files.delete("/log/lock.takeover")
    report.states++
  }
  const log = await openFsLog("/log", { fileLayer: files ?? new CrashFileLayer() })
  const seen: string[] = []
  for await (const { data } of log.replay()) seen.push(new TextDecoder().decode(data))
  await log.close()
  const wanted = batches.flat()
  if (seen.join() === wanted.join()) return
  report.duplicated += seen.length - wanted.length
  report.failures.push(`seed ${seed}: ${seen.join(" ")}`)
}

export function newProducerReport(): ProducerReport {
  return { ...newReport(), repeated: 0, duplicated: 0 }
}

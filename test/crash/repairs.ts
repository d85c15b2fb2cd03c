import { LogError, type Offset } from "@bellmouth/log"
import { openFsLog, verifyFsLog } from "@bellmouth/log-fs"
import { MemoryFileLayer } from "@bellmouth/log-fs/testing"
import type { LogFs } from "./planted-fault.ts"

/** What repairs of damaged logs have shown. */
export interface RepairsReport {
  repaired: number
  /** Batches that were given up, of those that were hit. */
  lost: number
  readonly failures: string[]
}

const SEGMENT_BYTES = 300
const BATCHES = 10
const BATCH = 2
const textOf = (offset: number): string => `record ${offset} ${"-".repeat(offset % 7)}`

/** Flips every `stride`th bit of every segment, and lets each log be repaired. */
export async function repairs(
  repair: LogFs["repairFsLog"],
  stride: number,
): Promise<RepairsReport> {
  const report: RepairsReport = { repaired: 0, lost: 0, failures: [] }
  const { files } = await build()
  for (const [path, bytes] of files) {
    if (!path.endsWith(".log")) continue
    for (let bit = 0; bit < bytes.length * 8 && report.failures.length === 0; bit += stride) {
      const fileLayer = new MemoryFileLayer(files)
      const damaged = bytes.slice()
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      fileLayer.files.set(path, damaged)
      const where = `bit ${bit} of ${path}`
      const failure = await judge(repair, fileLayer, damaged, report).catch(String)
      if (failure !== undefined) report.failures.push(`${where}: ${failure}`)
    }
  }
  return report
}

async function build(): Promise<MemoryFileLayer> {
  const fileLayer = new MemoryFileLayer()
  const log = await openFsLog("/log", { fileLayer, segmentBytes: SEGMENT_BYTES })
  for (let batch = 0; batch < BATCHES; batch++) {
    const writer = log.writable().getWriter()
    const texts = Array.from({ length: BATCH }, (_, part) => textOf(batch * BATCH + part))
    writer.write(texts.map((text) => new TextEncoder().encode(text))).catch(() => {})
    await writer.close()
  }
  await log.close()
  return fileLayer
}

/** What is wrong with a repair, if anything. */
async function judge(
  repair: LogFs["repairFsLog"],
  fileLayer: MemoryFileLayer,
  damaged: Uint8Array,
  report: RepairsReport,
): Promise<string | undefined> {
  const { keptAs } = await repair("/log", { fileLayer })
  report.repaired++
  const isKept = keptAs.some((path) => {
    const kept = fileLayer.files.get(path)
    return kept !== undefined && Buffer.compare(kept, damaged) === 0
  })
  if (!isKept) return "what was damaged was not kept"
  const { damages } = await verifyFsLog("/log", { fileLayer })
  if (damages[0] !== undefined) return `damaged still: ${damages[0].reason}`
  await using log = await openFsLog("/log", { fileLayer, mode: "read" })
  if ((await log.tail()) !== BATCHES * BATCH) return `the log goes on at ${await log.tail()}`
  let given = 0
  for (let from: Offset | undefined = await log.start(); from !== undefined; ) {
    const begin = from
    from = undefined
    try {
      for await (const { offset, data } of log.replay({ from: begin })) {
        const text = new TextDecoder().decode(data)
        if (text !== textOf(offset)) return `offset ${offset} is ${text}`
        given++
      }
    } catch (error) {
      if (!(error instanceof LogError) || error.code !== "OFFSET_LOST") throw error
      from = error.offset
    }
  }
  const lost = BATCHES * BATCH - given
  report.lost += lost
  return lost > BATCH ? `${lost} records were given up` : undefined
}

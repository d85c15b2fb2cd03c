import { seededRandom } from "@bellmouth/core/testing"
import { LogError } from "@bellmouth/log"
import { type FileLayer, openFsLog } from "@bellmouth/log-fs"
import { MemoryFileLayer } from "@bellmouth/log-fs/testing"
import { type CrashCounts, CrashFileLayer } from "./crash-file-layer.ts"

/** What some power cuts have shown. */
export interface CrashReport extends CrashCounts {
  states: number
  acknowledged: number
  /** Records that were there and never acknowledged. */
  unknown: number
  recoveries: number
  /** What went wrong, with the seed that shows it again. */
  readonly failures: string[]
}

const SEGMENT_BYTES = 700
/** Cuts one after another, each on what the one before has left. */
export const CUTS = 3
/** One cut may leave many states: so many are looked at, and the last is gone on with. */
export const STATES_PER_CUT = 12

/** Where a fault is planted. */
export interface CrashOptions {
  readonly wrap?: (layer: CrashFileLayer) => FileLayer
  readonly open?: typeof openFsLog
}

/**
 * Appends to a log, cuts the power at a random operation, recovers from some of the states that
 * this may leave, and appends again, some times over, all by one seed.
 */
export async function crashStates(
  seed: number,
  report: CrashReport,
  options: CrashOptions = {},
): Promise<void> {
  const { wrap = (layer) => layer, open = openFsLog } = options
  const whole = seededRandom(seed)
  const random = (): number => whole(2 ** 32) / 2 ** 32
  let files: MemoryFileLayer | undefined
  const settled: string[] = []
  for (let cut = 0; cut < CUTS; cut++) {
    const layer: CrashFileLayer = new CrashFileLayer(files?.files)
    layer.operationsLeft = Math.floor(random() * (cut === 0 ? 90 : 60))
    const acknowledged = await run(wrap(layer), open, `${seed}/${cut}`, settled, random, report)
    for (let state = 0; state < STATES_PER_CUT; state++) {
      files = layer.crash(random, report)
      files.files.delete("/log/lock")
      files.files.delete("/log/lock.takeover")
      report.states++
      const left = await readBack(files, open, report)
      const failure = typeof left === "string" ? left : difference(acknowledged, left)
      if (typeof left === "string" || failure !== undefined) {
        report.failures.push(`seed ${seed}, cut ${cut}, state ${state}: ${failure}`)
        return
      }
      report.unknown += left.length - acknowledged.length
      if (state === STATES_PER_CUT - 1) settled.splice(0, settled.length, ...left)
    }
  }
}

function difference(wanted: readonly string[], left: readonly string[]): string | undefined {
  const offset = wanted.findIndex((record, at) => left[at] !== record)
  return offset < 0 ? undefined : `offset ${offset} is ${left[offset]}, was ${wanted[offset]}`
}

/** Appends until the power is off; gives what must be there afterwards. */
async function run(
  fileLayer: FileLayer,
  open: typeof openFsLog,
  name: string,
  settled: readonly string[],
  random: () => number,
  report: CrashReport,
): Promise<string[]> {
  const known = [...settled]
  try {
    const log = await open("/log", { fileLayer, segmentBytes: SEGMENT_BYTES })
    if (log.recovery !== undefined) report.recoveries++
    // Records that nobody has seen yet may have been cut back; what is here now stays.
    for (let n = 0; ; n++) {
      const { readable, writable } = log.append()
      const writer = writable.getWriter()
      const texts = Array.from({ length: 1 + Math.floor(random() * 3) }, (_, part) =>
        `${name}/${n}/${part}`.padEnd(Math.floor(random() * 200), random() < 0.1 ? "\n" : "."),
      )
      for (const text of texts) writer.write(new TextEncoder().encode(text)).catch(() => {})
      writer.close().catch(() => {})
      const reader = readable.getReader()
      for (const text of texts) {
        const { value } = await reader.read()
        if (value !== undefined) known[value.offset] = text
        report.acknowledged++
      }
    }
  } catch (error) {
    if (!(error instanceof LogError)) throw error
    return known
  }
}

/** What a recovered log holds, or what is wrong with it. */
async function readBack(
  files: MemoryFileLayer,
  open: typeof openFsLog,
  report: CrashReport,
): Promise<string[] | string> {
  try {
    const fileLayer = new MemoryFileLayer(files.files)
    await using log = await open("/log", { fileLayer, segmentBytes: SEGMENT_BYTES })
    if (log.recovery !== undefined) report.recoveries++
    const texts: string[] = []
    for await (const { data } of log.replay()) texts.push(new TextDecoder().decode(data))
    return texts
  } catch (error) {
    return String(error)
  }
}

export function newReport(): CrashReport {
  return {
    states: 0,
    acknowledged: 0,
    unknown: 0,
    recoveries: 0,
    failures: [],
    writesLost: 0,
    writesTorn: 0,
    writesZeroed: 0,
    namesLost: 0,
  }
}

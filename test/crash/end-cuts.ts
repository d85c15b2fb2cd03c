import { seededRandom } from "@bellmouth/core/testing"
import { type Log, LogError, toOffset } from "@bellmouth/log"
import { openFsLog } from "@bellmouth/log-fs"
import { MemoryFileLayer } from "@bellmouth/log-fs/testing"
import { type CrashCounts, CrashFileLayer } from "./crash-file-layer.ts"

/** What power cuts in and around seals and forks have shown. */
export interface EndReport extends CrashCounts {
  states: number
  /** Seals and forks that had returned before the cut. */
  sealed: number
  forked: number
  /** Seals that were there, and forks that were whole, though they had not returned. */
  sealedUnasked: number
  forkedUnasked: number
  /** Forks that the cut left unfinished, and that were made again. */
  unfinished: number
  readonly failures: string[]
}

const SEGMENT_BYTES = 300
const MOST_OPERATIONS = 320
const LOG = "/log"
const FORK = "/fork"
const recordOf = (offset: number): string => `record ${offset} ${"-".repeat(offset % 50)}`

/** What was done before the power was off. */
interface Done {
  tail: number
  seal: "no" | "asked" | "done"
  fork: "no" | "asked" | "done"
  /** The offset that the fork is made at, and the tail that it has reached. */
  at: number
  forkTail: number
}

/** Appends, forks, appends to both, and seals, until the power is off, by one seed. */
export async function endCuts(
  seed: number,
  report: EndReport,
  open: typeof openFsLog = openFsLog,
): Promise<void> {
  const whole = seededRandom(seed)
  const random = (): number => whole(2 ** 32) / 2 ** 32
  const level = random() < 0.5 ? "disk" : "process"
  const layer = new CrashFileLayer()
  layer.operationsLeft = Math.floor(random() * MOST_OPERATIONS)
  const done: Done = { tail: 0, seal: "no", fork: "no", at: 0, forkTail: 0 }
  try {
    const log = await open(LOG, { fileLayer: layer, segmentBytes: SEGMENT_BYTES, level })
    const records = 2 + Math.floor(random() * 12)
    for (let n = 0; n < records; n++) done.tail = await append(log, done.tail)
    done.at = Math.floor(random() * (done.tail + 1))
    done.forkTail = done.at
    done.fork = "asked"
    const fork = await log.fork(toOffset(done.at), FORK)
    done.fork = "done"
    for (let n = 0; n < 4; n++) done.forkTail = await append(fork, done.forkTail)
    if (random() < 0.5) done.tail = await append(log, done.tail)
    // So that some cuts fall into the few operations of a seal.
    if (random() < 0.3) layer.operationsLeft = Math.floor(random() * 9)
    done.seal = "asked"
    await log.seal()
    done.seal = "done"
    if (random() < 0.5) await log.close()
  } catch (error) {
    if (!(error instanceof LogError)) throw error
  }
  const files = layer.crash(random, report)
  for (const name of [LOG, FORK]) {
    files.files.delete(`${name}/lock`)
    files.files.delete(`${name}/lock.takeover`)
  }
  report.states++
  if (done.seal === "done") report.sealed++
  if (done.fork === "done") report.forked++
  const fault = await judge(files, done, level, report, open).catch(String)
  if (fault !== undefined) report.failures.push(`seed ${seed}: ${fault}`)
}

async function append(log: Log, tail: number): Promise<number> {
  const writer = log.writable().getWriter()
  writer.closed.catch(() => {})
  writer.write(new TextEncoder().encode(recordOf(tail))).catch(() => {})
  await writer.close()
  return tail + 1
}

async function judge(
  files: MemoryFileLayer,
  done: Done,
  level: "disk" | "process",
  report: EndReport,
  open: typeof openFsLog,
): Promise<string | undefined> {
  const fileLayer = new MemoryFileLayer(files.files)
  const options = { fileLayer, segmentBytes: SEGMENT_BYTES, level }
  // A power cut may take what was acknowledged with less than disk, and then the log may be damaged.
  const isPromised = level === "disk" || done.seal === "done"
  const fork = await forkOf(fileLayer, done, level, open)
  if (typeof fork === "string") return fork
  const log = await open(LOG, options).catch((error: unknown) => error)
  if (!isLog(log)) return isPromised ? String(log) : undefined
  const isSealed = await log.sealed()
  if (done.seal === "done" && !isSealed) return "the seal is gone"
  if (done.seal === "no" && isSealed) return "there is a seal that nobody asked for"
  if (done.seal === "asked" && isSealed) report.sealedUnasked++
  const least = isPromised ? done.tail : 0
  const fault = await differs(log, isSealed ? done.tail : least)
  if (fault !== undefined) return fault
  const tail = await log.tail()
  if (isSealed) {
    if (tail !== done.tail) return `sealed at ${done.tail}, and the tail is ${tail}`
    const refused = await append(log, tail).catch((error: unknown) => error)
    if (!(refused instanceof LogError && refused.code === "SEALED")) return `taken: ${refused}`
  }
  if (fork) {
    if (done.fork === "asked") report.forkedUnasked++
  } else if (tail >= done.at) {
    // What is left of the first try is in nobody's way.
    const again = await log.fork(toOffset(done.at), FORK)
    const wrong = await differs(again, done.at)
    if (wrong !== undefined) return `the fork made again: ${wrong}`
    if (done.fork === "asked") report.unfinished++
  }
  return undefined
}

/** Whether there is a fork; or what is wrong with it. */
async function forkOf(
  fileLayer: MemoryFileLayer,
  done: Done,
  level: "disk" | "process",
  open: typeof openFsLog,
): Promise<boolean | string> {
  const reading = await open(FORK, { mode: "read", fileLayer }).catch((error: unknown) => error)
  if (reading instanceof LogError && reading.code === "NOT_A_LOG") {
    return done.fork === "done" ? `the fork is gone: ${reading.message}` : false
  }
  if (!isLog(reading)) return `the fork: ${reading}`
  if (done.fork === "no") return "there is a fork that nobody asked for"
  await reading.close()
  const opened = open(FORK, { fileLayer, segmentBytes: SEGMENT_BYTES, level })
  const fork = await opened.catch((error: unknown) => error)
  if (!isLog(fork)) {
    // What was appended to the fork may be damaged then; what it was made with may not.
    const isAllowed = level === "process" && fork instanceof LogError && fork.code === "CORRUPT"
    return isAllowed && (fork.offset ?? 0) >= done.at ? true : `the fork: ${fork}`
  }
  const least = level === "disk" ? done.forkTail : done.at
  const fault = await differs(fork, least)
  if (fault === undefined && (await fork.sealed())) return "the fork is sealed"
  await fork.close()
  return fault === undefined ? true : `the fork: ${fault}`
}

function isLog(opened: unknown): opened is Log {
  return opened instanceof Object && "replay" in opened
}

/** What is wrong with a log that has at least some records. */
async function differs(log: Log, least: number): Promise<string | undefined> {
  let next = 0
  for await (const { offset, data } of log.replay()) {
    const text = new TextDecoder().decode(data)
    if (offset !== next || text !== recordOf(next)) return `offset ${offset}: ${text}`
    next++
  }
  return next < least ? `the records end with ${next}, and ${least} were there` : undefined
}

export function newEndReport(): EndReport {
  const counts: CrashCounts = { writesLost: 0, writesTorn: 0, writesZeroed: 0, namesLost: 0 }
  const ends = { sealed: 0, forked: 0, sealedUnasked: 0, forkedUnasked: 0, unfinished: 0 }
  return { ...counts, ...ends, states: 0, failures: [] }
}

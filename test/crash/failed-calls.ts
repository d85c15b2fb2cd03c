import { cpSync, existsSync, rmSync } from "node:fs"
import { join } from "node:path"
import { LogError } from "@bellmouth/log"
import { openFsLog } from "@bellmouth/log-fs"
import { judgeFailures } from "./order-oracle.ts"
import { orderRecord } from "./order-record.ts"
import { readReference } from "./reference-reader.ts"
import { trace } from "./trace.ts"

/** What is done to one system call: strace's words for it. */
export type Injection = `error=${string}` | `retval=${number}` | "signal=SIGKILL"

/** One run with one system call changed. */
export interface FailedCall {
  readonly call: string
  /** Which of the calls of that name, counted from 1. */
  readonly index: number
  readonly injection: Injection
}

export interface FailureCounts {
  runs: number
  injected: number
  killed: number
  /** Runs whose writer was told of a failure. */
  told: number
  acknowledged: number
  /** Logs that said that they are damaged, after a device had lied. */
  damaged: number
  readonly failures: string[]
}

/** What the writer under test runs on. */
export interface FailureRig {
  readonly folder: string
  readonly program: string
  /** A log to begin with; none when the writer makes it. */
  readonly template: string | undefined
  /** What runs the program. */
  readonly runtime: readonly string[]
  /**
   * Calls are counted in each thread. Where the same thread does not make the same calls each time, a
   * run may not come to the one that is to fail: it has to go well then, and is not counted as changed.
   */
  readonly threads: "steady" | "changing"
}

const RECORDS = 5
const CALLS = [
  "openat,mkdir,rename,link,unlink,ftruncate,write,pwrite64,pwritev",
  "fsync,fdatasync,pread64,getdents64",
].join()
/** Those of the writers of a log that is made, and of one that was there. */
const EPOCHS = [1, 2, 3]
const BASES = [0, 3, 4, 5, 6, 7, 8].map((base) => String(base).padStart(20, "0"))

/**
 * Only calls on these names are counted: a runtime makes others too, and not always as many. Not the lock: it is
 * looked at in another thread than the rest, and calls are counted in each.
 */
function names(log: string): string[] {
  const made = ["tail", ...BASES.flatMap((base) => [`${base}.log`, `${base}.state`])]
  const drafts = made.flatMap((name) => EPOCHS.map((epoch) => `${name}.${epoch}.tmp`))
  const files = [...made, ...drafts, ...BASES.map((base) => `${base}.index`)]
  return [log, ...files.map((name) => join(log, name))].flatMap((path) => ["-P", path])
}

async function run(rig: FailureRig, inject: readonly string[]) {
  const log = join(rig.folder, `log-${crypto.randomUUID()}`)
  if (rig.template !== undefined) cpSync(rig.template, log, { recursive: true })
  const command = [...rig.runtime, rig.program, log, "1", String(RECORDS)]
  return { log, ...(await trace(rig.folder, command, [...names(log), ...inject], CALLS)) }
}

/** How often each system call is made when nothing fails, by the thread that makes the most. */
export async function countCalls(rig: FailureRig): Promise<Map<string, number>> {
  const { log, calls, stdout } = await run(rig, [])
  rmSync(log, { recursive: true })
  if (!stdout.endsWith("closed\n")) throw new Error(`the writer fails by itself: ${stdout}`)
  const counts = new Map<string, number>()
  const threads = new Map<string, number>()
  for (const { name, thread } of calls) {
    const count = (threads.get(`${name} ${thread}`) ?? 0) + 1
    threads.set(`${name} ${thread}`, count)
    counts.set(name, Math.max(counts.get(name) ?? 0, count))
  }
  return counts
}

/** Fails one system call of a writer, and looks at what it says, does and leaves. */
export async function failCall(
  rig: FailureRig,
  { call, index, injection }: FailedCall,
  counts: FailureCounts,
): Promise<void> {
  const inject = `inject=${call}:${injection}:when=${index}`
  const { log, calls, stdout, injected } = await run(rig, ["-e", inject])
  const isKill = injection === "signal=SIGKILL"
  const isLie = injection.startsWith("retval")
  const fail = (what: string): number => counts.failures.push(`${inject}: ${what}`)
  counts.runs++
  counts.injected += injected
  const isKilled = !/^closed$|^failed/m.test(stdout)
  const isMet = isKill ? isKilled : injected >= 1
  if (!isMet && rig.threads === "steady") fail(`${injected} calls were changed`)
  if (isKill && isKilled) counts.killed++
  if (/^failed/m.test(stdout)) counts.told++
  if (/^failed[^]*^ack/m.test(stdout)) fail(`acknowledged after a failure: ${stdout}`)
  for (const violation of judgeFailures(calls, [])) fail(violation)
  const acks = [...stdout.matchAll(/^ack (\d+) (\S+)$/gm)].map(
    ([, offset = "", name = ""]): [number, string] => [Number(offset), orderRecord(name)],
  )
  counts.acknowledged += acks.length
  const wrong = await look(log, acks, isLie)
  if (wrong === "damaged") counts.damaged++
  else if (wrong !== undefined) fail(wrong)
  rmSync(log, { recursive: true, force: true })
}

/** Whether all that was acknowledged is there; a lie may be told of instead. */
async function look(
  log: string,
  acks: readonly (readonly [number, string])[],
  isLie: boolean,
): Promise<string | undefined> {
  const served = new Map<number, string>()
  try {
    if (!isLie && acks.length > 0 && existsSync(join(log, "tail"))) {
      const { records } = readReference(log)
      for (const [offset, record] of acks) {
        if (records[offset]?.toString() !== record) return `the reference reader misses ${offset}`
      }
    }
    await using again = await openFsLog(log)
    await again.writable().close()
    for await (const { offset, data } of again.replay()) {
      served.set(offset, new TextDecoder().decode(data))
    }
  } catch (error) {
    if (!isLie || !(error instanceof LogError)) return String(error)
    const changed = acks.find(([offset, record]) => (served.get(offset) ?? record) !== record)
    return changed === undefined ? "damaged" : `offset ${changed[0]} was served wrong`
  }
  const missing = acks.find(([offset, record]) => served.get(offset) !== record)
  return missing === undefined ? undefined : `offset ${missing[0]} is ${served.get(missing[0])}`
}

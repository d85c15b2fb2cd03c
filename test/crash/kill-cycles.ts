import { spawn } from "node:child_process"
import { once } from "node:events"
import { dirname, join } from "node:path"
import { createInterface } from "node:readline"
import { recordOf } from "./kill-record.ts"
import { readReference } from "./reference-reader.ts"

/** What some cycles have seen; a loop that has seen nothing has shown nothing. */
export interface KillCounts {
  cycles: number
  /** Records that were acknowledged before a kill. */
  acknowledged: number
  /** Cycles that left bytes of an unfinished frame. */
  torn: number
  /** Tails that a later run has reported to have cut back. */
  recovered: number
  /** Records that were stored and never acknowledged: the kill came between. */
  unknown: number
  lost: number
  changed: number
  /** Times that the published tail was beyond what there was to read. */
  ahead: number
}

const countNames = [
  ...(["cycles", "acknowledged", "torn", "recovered"] as const),
  ...(["unknown", "lost", "changed", "ahead"] as const),
]

function newCounts(): KillCounts {
  const none = { cycles: 0, acknowledged: 0, torn: 0, recovered: 0 }
  return { ...none, unknown: 0, lost: 0, changed: 0, ahead: 0 }
}

/** What the parent knows across the runs. */
interface Knowledge {
  /** By offset, what was acknowledged there or seen there after a kill: it may never change. */
  readonly settled: Map<number, string>
}

/** How a writer is killed. */
export interface KillOptions {
  /** `kill-writer.ts` in one file, which starts faster than its source. */
  readonly program: string
  readonly behaviour: "honest" | "late"
  readonly delayMs: (cycle: number) => number
  readonly afterCycle?: () => Promise<void>
}

/** Kills of many logs, one after another or some at a time, each of so many cycles. */
export async function killManyLogs(
  folder: string,
  cycles: { readonly all: number; readonly each: number; readonly together: number },
  options: KillOptions,
): Promise<KillCounts> {
  const total = newCounts()
  let left = cycles.all
  const work = async (): Promise<void> => {
    while (left > 0) {
      const some = Math.min(left, cycles.each)
      left -= some
      const counts = await killCycles(join(folder, `log-${left}`), some, options)
      for (const name of countNames) total[name] += counts[name]
    }
  }
  await Promise.all(Array.from({ length: cycles.together }, work))
  return total
}

/**
 * Kills a writer again and again, and checks what it leaves with the reference reader. What was
 * acknowledged is remembered here, where the writer can not touch it.
 */
export async function killCycles(
  directory: string,
  cycles: number,
  options: KillOptions,
): Promise<KillCounts> {
  const counts = newCounts()
  const known: Knowledge = { settled: new Map() }
  for (let cycle = 0; cycle < cycles; cycle++) {
    const acked = await runAndKill(directory, cycle, options, counts)
    check(directory, acked, known, counts)
    counts.cycles++
    await options.afterCycle?.()
  }
  return counts
}

async function runAndKill(
  directory: string,
  cycle: number,
  options: KillOptions,
  counts: KillCounts,
): Promise<Map<number, string>> {
  const args = [options.program, directory, String(cycle), options.behaviour]
  const child = spawn(process.execPath, args, {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, NODE_COMPILE_CACHE: dirname(options.program) },
  })
  const exit = once(child, "exit")
  const acked = new Map<number, string>()
  for await (const line of createInterface({ input: child.stdout })) {
    const [kind, first = "", second = "", name = ""] = line.split(" ")
    if (kind === "open") {
      if (second !== "0") counts.recovered++
      setTimeout(() => child.kill("SIGKILL"), options.delayMs(cycle))
    }
    // A line that the kill has cut short says nothing.
    if (kind !== "ack" || !/^\d+\/\d+\/\d+$/.test(name)) continue
    for (let part = 0; part < Number(second); part++)
      acked.set(Number(first) + part, `${name}/${part}`)
  }
  const [code, signal] = await exit
  if (signal !== "SIGKILL") throw new Error(`the writer ended by itself, with ${code}`)
  return acked
}

function check(
  directory: string,
  acked: Map<number, string>,
  known: Knowledge,
  counts: KillCounts,
): void {
  const { records, tornBytes, published } = readReference(directory)
  counts.acknowledged += acked.size
  if (tornBytes > 0) counts.torn++
  if (published > records.length) counts.ahead++
  for (const [offset, name] of acked)
    known.settled.set(offset, Buffer.from(recordOf(name)).toString("latin1"))
  for (const [offset, wanted] of known.settled) {
    const record = records[offset]?.toString("latin1")
    if (record === undefined) counts.lost++
    else if (record !== wanted) counts.changed++
  }
  for (const [offset, record] of records.entries()) {
    if (known.settled.has(offset)) continue
    counts.unknown++
    known.settled.set(offset, record.toString("latin1"))
  }
}

import { spawn } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import { gitFault, readGitReference } from "./git-reference.ts"
import { recordOf } from "./kill-record.ts"

export const GIT_REF = "refs/bellmouth/n-killed"

/** What some cycles have seen; a loop that has seen nothing has shown nothing. */
export interface GitCounts {
  cycles: number
  /** Records that were acknowledged before a cycle's end. */
  acknowledged: number
  /** Times that a run has found, and removed, the lock of a ref that one before it has left. */
  removedLocks: number
  /** Records that were stored and never acknowledged: the end came between. */
  unknown: number
  lost: number
  changed: number
  /** What plain git, or the reference reader, could not read. */
  damaged: number
  /** Writers that ended by themselves. */
  stopped: number
}

export interface GitCycles {
  readonly repository: string
  readonly cycles: number
  readonly behaviour: "honest" | "unsynced" | "early"
  /** Called with each acknowledgement; the cycle ends once it has given a promise, and that has settled. */
  readonly end: (acknowledged: number, cycle: number) => Promise<void> | undefined
  /** Brings the repository back. */
  readonly restore?: () => Promise<void>
}

/**
 * Ends a writer and its git processes again and again, and checks what they leave by plain git. What
 * was acknowledged is remembered here, where the writer can not touch it.
 */
export async function gitCycles(options: GitCycles): Promise<GitCounts> {
  const { repository, cycles, restore } = options
  const counts: GitCounts = {
    cycles: 0,
    acknowledged: 0,
    removedLocks: 0,
    unknown: 0,
    lost: 0,
    changed: 0,
    damaged: 0,
    stopped: 0,
  }
  const settled = new Map<number, string>()
  for (let cycle = 0; cycle < cycles && counts.damaged + counts.stopped === 0; cycle++) {
    for (const [offset, name] of await runOnce(options, cycle, counts)) {
      settled.set(offset, Buffer.from(recordOf(name)).toString("latin1"))
      counts.acknowledged++
    }
    counts.cycles++
    await restore?.()
    // What a kill takes stays away, so it is enough to look now and then; a cut can be made good by
    // what follows it.
    if (restore !== undefined || cycle % 5 === 4 || cycle === cycles - 1) {
      check(repository, settled, counts)
    }
  }
  return counts
}

async function runOnce(
  { repository, behaviour, end, restore }: GitCycles,
  cycle: number,
  counts: GitCounts,
): Promise<Map<number, string>> {
  const script = new URL("git-writer.ts", import.meta.url).pathname
  // A group of its own, so that git is ended in the middle of what it does, too.
  const child = spawn(process.execPath, [script, repository, String(cycle), behaviour], {
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  })
  let errors = ""
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors = (errors + text).slice(-2_000)
  })
  const exit = once(child, "exit")
  const acked = new Map<number, string>()
  let known = acked
  let ending: Promise<void> | undefined
  for await (const line of createInterface({ input: child.stdout })) {
    const [kind, first = "", second = "", name = ""] = line.split(" ")
    if (kind === "open") counts.removedLocks += Number(second)
    // A line that the end has cut short says nothing.
    if (kind !== "ack" || !/^\d+\/\d+\/\d+$/.test(name)) continue
    for (let part = 0; part < Number(second); part++) {
      acked.set(Number(first) + part, `${name}/${part}`)
    }
    if (ending !== undefined) continue
    const before = new Map(acked)
    ending = end(acked.size, cycle)?.finally(() => {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL")
    })
    // A sync that is under way when the power goes may report success and lie: what counts was read
    // before.
    if (ending !== undefined && restore !== undefined) known = before
  }
  await exit
  if (ending === undefined) {
    counts.stopped++
    console.log(`a writer ended by itself: ${errors}`)
  }
  await ending
  return known
}

function check(repository: string, settled: Map<number, string>, counts: GitCounts): void {
  let records: readonly string[] = []
  try {
    const fault = gitFault(repository)
    if (fault !== undefined) throw new Error(fault)
    records = readGitReference(repository, GIT_REF).map((record) => record.toString("latin1"))
  } catch (error) {
    console.log(`after the end of a cycle: ${String(error)}`)
    counts.damaged++
  }
  for (const [offset, record] of settled) {
    if (records[offset] === undefined) counts.lost++
    else if (records[offset] !== record) counts.changed++
  }
  counts.unknown += Math.max(0, records.length - settled.size)
  // What was read once may never change, acknowledged or not.
  for (const [offset, record] of records.entries()) settled.set(offset, record)
}

import { spawn } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { recordOf } from "./kill-record.ts"
import type { LoopDisk } from "./loop-disk.ts"
import { type ReferenceLog, readReference } from "./reference-reader.ts"

/** What power cuts of a real file system have shown. */
export interface DiskCutCounts {
  cuts: number
  /** Records that were acknowledged to the parent before it cut the power. */
  acknowledged: number
  torn: number
  recovered: number
  unknown: number
  lost: number
  changed: number
  /** What the reference reader could not read. */
  damaged: number
  /** Writers that ended by themselves. */
  stopped: number
}

/** Cuts the power under a writer, again and again, each time on what the cut before has left. */
export async function diskCuts(
  disk: LoopDisk,
  program: string,
  cuts: number,
): Promise<DiskCutCounts> {
  const directory = join(disk.path, "log")
  const settled = new Map<number, string>()
  const counts: DiskCutCounts = {
    cuts: 0,
    acknowledged: 0,
    torn: 0,
    recovered: 0,
    unknown: 0,
    lost: 0,
    changed: 0,
    damaged: 0,
    stopped: 0,
  }
  for (let cut = 0; cut < cuts && counts.damaged + counts.stopped === 0; cut++) {
    for (const [offset, name] of await runAndCut(disk, program, directory, cut, counts)) {
      settled.set(offset, Buffer.from(recordOf(name)).toString("latin1"))
      counts.acknowledged++
    }
    counts.cuts++
    const left = readLeft(directory, counts)
    if (left === undefined) continue
    if (left.tornBytes > 0) counts.torn++
    const records = left.records.map((record) => record.toString("latin1"))
    for (const [offset, record] of settled) {
      if (records[offset] === undefined) counts.lost++
      else if (records[offset] !== record) counts.changed++
    }
    counts.unknown += Math.max(0, records.length - settled.size)
    // What was read once may never change, acknowledged or not.
    for (const [offset, record] of records.entries()) settled.set(offset, record)
  }
  return counts
}

function readLeft(directory: string, counts: DiskCutCounts): ReferenceLog | undefined {
  try {
    return readReference(directory)
  } catch (error) {
    console.log(`after a cut: ${String(error)}`)
    counts.damaged++
    return undefined
  }
}

async function runAndCut(
  disk: LoopDisk,
  program: string,
  directory: string,
  cut: number,
  counts: DiskCutCounts,
): Promise<Map<number, string>> {
  const child = spawn(process.execPath, [program, directory, String(cut), "honest"], {
    stdio: ["ignore", "pipe", "ignore"],
  })
  const exit = once(child, "exit")
  const acked = new Map<number, string>()
  let known = new Map<number, string>()
  let cutting: Promise<void> | undefined
  for await (const line of createInterface({ input: child.stdout })) {
    const [kind, first = "", second = "", name = ""] = line.split(" ")
    if (kind === "open" && second !== "0") counts.recovered++
    if (kind !== "ack" || !/^\d+\/\d+\/\d+$/.test(name)) continue
    for (let part = 0; part < Number(second); part++) {
      acked.set(Number(first) + part, `${name}/${part}`)
    }
    // A sync that is under way at the cut may report success and lie: what counts was read before.
    if (cutting !== undefined || acked.size < 50 + ((cut * 37) % 200)) continue
    known = new Map(acked)
    cutting = disk.cut().finally(() => child.kill("SIGKILL"))
  }
  await exit
  // A writer that could not open the log, or go on, is as bad as a lost record.
  if (cutting === undefined) counts.stopped++
  await (cutting ?? disk.cut())
  await disk.remount()
  return known
}

import { join } from "node:path"
import type { AppendInput, Log } from "@bellmouth/log"
import { openGitLog } from "@bellmouth/log-git"
import type { Row } from "../harness/row.ts"
import { fourProcesses } from "./four-processes.ts"

const RECORD = new Uint8Array(100).fill(0x61)
const BATCH = Array.from({ length: 1_000 }, () => RECORD)
const ROUNDS = 5

/** Durable commits, each acknowledged before the next one begins. */
export async function* commitCases(folder: string): AsyncGenerator<Row> {
  const log = await openGitLog(join(folder, "commits"), "commits")
  const bare = fourProcesses(join(folder, "processes"), RECORD)
  const single = appender(log, RECORD)
  const batched = appender(log, BATCH)
  // One after another in each round, so that a machine that slows down slows all of them.
  const best = [Infinity, Infinity, Infinity]
  for (let round = 0; round < ROUNDS; round++) {
    const times = [await time(bare, 10), await time(single, 150), await time(batched, 25)]
    for (const [index, ms] of times.entries()) best[index] = Math.min(best[index] ?? ms, ms)
  }
  await log.close()
  const [processes = 0, one = 0, thousand = 0] = best
  yield {
    name: "durable commits of one record: against four git processes a commit, as durable",
    value: processes / one,
    unit: "x",
    floor: 5,
  }
  yield {
    name: "durable records in batches of 1,000: against commits of one record",
    value: (1_000 * one) / thousand,
    unit: "x",
    floor: 200,
  }
  yield { name: "one durable commit of one record", value: one * 1e6, unit: "ns" }
  yield { name: "one durable commit by four git processes", value: processes * 1e6, unit: "ns" }
}

function appender(log: Log, chunk: AppendInput): () => Promise<void> {
  const { readable, writable } = log.append()
  const [into, acks] = [writable.getWriter(), readable.getReader()]
  return async () => {
    void into.write(chunk)
    const { value } = await acks.read()
    if (value?.level !== "disk") throw new Error("Cannot measure: a commit is not on disk")
  }
}

/** @returns the milliseconds for one. */
async function time(act: () => void | Promise<void>, count: number): Promise<number> {
  const start = performance.now()
  for (let done = 0; done < count; done++) await act()
  return (performance.now() - start) / count
}

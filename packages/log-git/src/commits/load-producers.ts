import { ProducerTable } from "@bellmouth/log"
import { decodeCommit } from "../objects/commit-object.ts"
import { decodeAppend } from "./append-message.ts"
import type { ObjectSource } from "./commit-index.ts"
import { type Appended, type LogHead, readCheckpoint } from "./log-head.ts"

/** What a log knows of its producers at a head: its checkpoint, and the commits since. */
export async function loadProducers(objects: ObjectSource, head: LogHead): Promise<ProducerTable> {
  const table = new ProducerTable()
  table.restore((await readCheckpoint(objects, head.tree))?.producers ?? [])
  for (const entry of head.recent) {
    const commit = decodeCommit(await objects.read(entry.commit, "commit"), objects.format)
    const append = commit === undefined ? undefined : decodeAppend(commit.message, objects.format)
    settleAppended(table, { entry, runs: append?.runs ?? [] })
  }
  return table
}

/** Takes the batches of a commit into a table, as far as they belong to the log. */
export function settleAppended(table: ProducerTable, { entry, runs }: Appended): void {
  const until = entry.offset + entry.count
  let next = entry.offset
  for (const run of runs) {
    table.settleRun(run, next, until)
    next += run.batches * run.count
  }
}

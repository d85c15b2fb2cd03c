import type { ProducerTable } from "@bellmouth/log"
import { findEntry, type ObjectSource } from "../commits/commit-index.ts"
import { loadProducers } from "../commits/load-producers.ts"
import { encodeLogFile, type LogFile } from "../commits/log-file.ts"
import { type LogHead, loadHead } from "../commits/log-head.ts"
import { corrupt } from "../log-fault.ts"
import { encodeCommitHead } from "../objects/commit-object.ts"
import { type NewObject, type Oid, toObject } from "../objects/object-format.ts"
import { encodeTree, type TreeEntry } from "../objects/tree-object.ts"
import { entriesOf } from "../reader/head-tracker.ts"
import { checkpointOf } from "./advance-head.ts"

/** The first commit of a log that is its own, and what has to be stored for it. */
export interface FirstCommit {
  readonly oid: Oid
  readonly objects: readonly NewObject[]
}

/** The first commit of a new log, which stands on nothing. */
export function firstCommit(objects: ObjectSource, file: LogFile): FirstCommit {
  return toFirst(objects, file, new Map(), { subject: `log ${file.id}`, parent: undefined })
}

/**
 * The first commit of a fork: it stands on the commit of the log that holds the last record before
 * `at`, and says by its index that the records from there on are not its own.
 */
export async function forkCommit(
  objects: ObjectSource,
  head: LogHead,
  at: number,
  file: LogFile,
): Promise<FirstCommit> {
  if (at === 0) return firstCommit(objects, file)
  const last = findEntry(await entriesOf(objects, head, at - 1), at - 1)?.entry
  if (last === undefined) {
    throw corrupt({
      path: head.commit,
      reason: `does not lead to offset ${at - 1}`,
      offset: at - 1,
    })
  }
  const { head: shared } = await loadHead(objects, last.commit, undefined)
  const recent = shared.recent.map((entry) =>
    entry.commit === last.commit ? { ...entry, count: at - entry.offset } : entry,
  )
  const cut = { ...shared, recent, tail: at }
  const producers: ProducerTable = await loadProducers(objects, cut)
  const base = await checkpointOf(objects, cut, producers.snapshot())
  const first = toFirst(objects, file, base.entries, {
    subject: `fork ${at}`,
    parent: last.commit,
  })
  return { oid: first.oid, objects: [...base.objects, ...first.objects] }
}

function toFirst(
  { format }: ObjectSource,
  file: LogFile,
  entries: ReadonlyMap<string, TreeEntry>,
  { subject, parent }: { readonly subject: string; readonly parent: Oid | undefined },
): FirstCommit {
  const blob = toObject(format, "blob", encodeLogFile(file))
  const names = new Map(entries).set("log", { mode: "100644", oid: blob.oid })
  const tree = toObject(format, "tree", encodeTree(names))
  const head = encodeCommitHead({ tree: tree.oid, parent }, Math.floor(Date.now() / 1_000))
  const commit = toObject(format, "commit", head, Buffer.from(`${subject}\n`))
  return { oid: commit.oid, objects: [blob, tree, commit] }
}

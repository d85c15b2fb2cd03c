import type { ProducerState } from "@bellmouth/log"
import { encodeCheckpoint } from "../commits/checkpoint.ts"
import { appendLeaf, type IndexEntry, type ObjectSource } from "../commits/commit-index.ts"
import type { LogFile } from "../commits/log-file.ts"
import type { LogHead } from "../commits/log-head.ts"
import { encodeCommitHead } from "../objects/commit-object.ts"
import { type NewObject, type ObjectFormat, type Oid, toObject } from "../objects/object-format.ts"
import { encodeTree, type Tree, type TreeEntry } from "../objects/tree-object.ts"

/** After so many commits the next one brings a checkpoint. */
const CHECKPOINT_COMMITS = 256

/** What the next commit does. */
export interface HeadChange {
  readonly message: Uint8Array
  /** What has to be stored before the commit. */
  readonly objects: readonly NewObject[]
  /** The tree, when it is to be another one than that of the head. */
  readonly tree?: Tree
  readonly file?: LogFile
  /** The blob with the records of the commit. */
  readonly records?: Oid
  readonly appended?: Pick<IndexEntry, "offset" | "count">
}

/** What the next commit stands on: the head, or the head with a checkpoint of it. */
export interface HeadBase extends Pick<LogHead, "checkpoint" | "recent" | "since"> {
  /** What a checkpoint has put into the tree. */
  readonly entries: Tree
  readonly objects: readonly NewObject[]
}

export interface Advanced {
  readonly head: LogHead
  /** All objects, the commit among them. */
  readonly objects: readonly NewObject[]
}

/** A head with a checkpoint of itself, if it is time for one. */
export async function headBase(
  objects: ObjectSource,
  head: LogHead,
  producers: () => Promise<readonly ProducerState[]>,
): Promise<HeadBase> {
  if (head.since >= CHECKPOINT_COMMITS) return checkpointOf(objects, head, await producers())
  return { ...head, entries: new Map(), objects: [] }
}

/** Writes down what is known up to a head, so that nobody has to go back behind it. */
export async function checkpointOf(
  objects: ObjectSource,
  { tree, commit, tail, recent }: Pick<LogHead, "tree" | "commit" | "tail" | "recent">,
  producers: readonly ProducerState[],
): Promise<HeadBase> {
  const content = encodeCheckpoint({ commit, tail, producers })
  const blob = toObject(objects.format, "blob", content)
  const entries = new Map<string, TreeEntry>()
  entries.set("checkpoint", { mode: "100644", oid: blob.oid })
  const checkpoint = { commit, tail }
  if (recent.length === 0) return { entries, objects: [blob], checkpoint, recent: [], since: 0 }
  const index = await appendLeaf(objects, tree.get("index")?.oid, recent)
  entries.set("index", { mode: "40000", oid: index.root })
  return { entries, objects: [blob, ...index.objects], checkpoint, recent: [], since: 0 }
}

/** The head that a change makes of another. */
export function advanceHead(
  format: ObjectFormat,
  base: HeadBase,
  head: LogHead,
  change: HeadChange,
): Advanced {
  const { message, file, records, appended } = change
  const tree = new Map([...(change.tree ?? head.tree), ...base.entries])
  const whole = new Map(tree)
  if (records !== undefined) whole.set("records", { mode: "100644", oid: records })
  const treeObject = toObject(format, "tree", encodeTree(whole))
  const parent = head.commit
  const seconds = Math.floor(Date.now() / 1_000)
  const content = [encodeCommitHead({ tree: treeObject.oid, parent }, seconds), message]
  const commit = toObject(format, "commit", ...content)
  const entry = appended === undefined ? [] : [{ ...appended, commit: commit.oid }]
  return {
    head: {
      commit: commit.oid,
      tree,
      file: file ?? head.file,
      tail: head.tail + (appended?.count ?? 0),
      checkpoint: base.checkpoint,
      recent: [...base.recent, ...entry],
      since: base.since + 1,
    },
    objects: [...base.objects, ...change.objects, treeObject, commit],
  }
}

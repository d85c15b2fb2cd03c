import type { CommitRun } from "@bellmouth/log"
import { corrupt } from "../log-fault.ts"
import { type DecodedCommit, decodeCommit } from "../objects/commit-object.ts"
import type { Oid } from "../objects/object-format.ts"
import { decodeTree, type Tree } from "../objects/tree-object.ts"
import { decodeAppend } from "./append-message.ts"
import { type Checkpoint, decodeCheckpoint } from "./checkpoint.ts"
import type { IndexEntry, ObjectSource } from "./commit-index.ts"
import { decodeLogFile, type LogFile } from "./log-file.ts"

/** The most commits that there may be after a checkpoint. */
const MAX_RECENT = 1_024
const OTHER = /^(log|trim|seal|fork|snapshot)( |\n)/
const LF = 0x0a

/** What a log is at one of its commits. */
export interface LogHead {
  readonly commit: Oid
  /** The tree of the commit, without what belongs to this commit alone. */
  readonly tree: Tree
  readonly file: LogFile
  readonly tail: number
  /** Up to where the index and what is known of the producers reach. */
  readonly checkpoint: Pick<Checkpoint, "commit" | "tail"> | undefined
  /** The commits of records since the checkpoint, in order. */
  readonly recent: readonly IndexEntry[]
  /** How many commits there are since the checkpoint, of all kinds. */
  readonly since: number
}

/** A commit of records, and who has sent them. */
export interface Appended {
  readonly entry: IndexEntry
  readonly runs: readonly CommitRun[]
}

export interface LoadedHead {
  readonly head: LogHead
  /** What was read: all since the known head, or all since the checkpoint. */
  readonly appended: readonly Appended[]
  /** Whether the known head was met on the way. */
  readonly goesOn: boolean
}

interface Walked {
  readonly oid: Oid
  readonly message: Buffer
}

/**
 * Finds out what a log is at a commit: by its tree, and by the commits back to one that is known
 * already, or to the checkpoint that the tree names. Never more than a constant is read.
 */
export async function loadHead(
  objects: ObjectSource,
  oid: Oid,
  known: LogHead | undefined,
): Promise<LoadedHead> {
  const first = await readCommit(objects, oid)
  const tree = await readTree(objects, first.tree)
  const fileOid = tree.get("log")?.oid
  if (fileOid === undefined) throw corrupt({ path: oid, reason: "is no commit of a log" })
  const file = decodeLogFile(await objects.read(fileOid, "blob"), fileOid)
  const isSame = known?.tree.get("checkpoint")?.oid === tree.get("checkpoint")?.oid
  const same = isSame ? known : undefined
  const checkpoint = same === undefined ? await readCheckpoint(objects, tree) : same.checkpoint
  const walked: Walked[] = []
  let [next, commit]: [Oid, DecodedCommit] = [oid, first]
  while (next !== same?.commit && next !== checkpoint?.commit) {
    if (walked.length >= MAX_RECENT) {
      throw corrupt({ path: oid, reason: `has over ${MAX_RECENT} commits after its checkpoint` })
    }
    if (walked.length > 0) commit = await readCommit(objects, next)
    walked.push({ oid: next, message: commit.message })
    if (commit.parent === undefined) break
    next = commit.parent
  }
  const goesOn = same !== undefined && next === same.commit
  const from = goesOn ? same : undefined
  let tail = from?.tail ?? checkpoint?.tail ?? 0
  const appended: Appended[] = []
  for (const { oid: path, message } of walked.reverse()) {
    const found = toAppended(objects, path, message, tail)
    if (found === undefined) continue
    appended.push(found)
    tail += found.entry.count
  }
  const head: LogHead = {
    commit: oid,
    tree: withoutRecords(tree),
    file,
    tail,
    checkpoint,
    recent: [...(from?.recent ?? []), ...appended.map(({ entry }) => entry)],
    since: (from?.since ?? 0) + walked.length,
  }
  return { head, appended, goesOn }
}

/** The checkpoint that a tree names. */
export async function readCheckpoint(
  objects: ObjectSource,
  tree: Tree,
): Promise<Checkpoint | undefined> {
  const oid = tree.get("checkpoint")?.oid
  if (oid === undefined) return undefined
  const checkpoint = decodeCheckpoint(await objects.read(oid, "blob"), objects.format)
  if (checkpoint === undefined) throw corrupt({ path: oid, reason: "is no checkpoint" })
  return checkpoint
}

async function readCommit(objects: ObjectSource, oid: Oid): Promise<DecodedCommit> {
  const commit = decodeCommit(await objects.read(oid, "commit"), objects.format)
  if (commit === undefined) throw corrupt({ path: oid, reason: "is no commit of a log" })
  return commit
}

async function readTree(objects: ObjectSource, oid: Oid): Promise<Tree> {
  const tree = decodeTree(await objects.read(oid, "tree"), objects.format)
  if (tree === undefined) throw corrupt({ path: oid, reason: "is no tree of a log" })
  return tree
}

function toAppended(
  { format }: ObjectSource,
  commit: Oid,
  message: Buffer,
  tail: number,
): Appended | undefined {
  if (OTHER.test(message.toString("latin1", 0, message.indexOf(LF) + 1))) return undefined
  const append = decodeAppend(message, format)
  if (append === undefined) {
    throw corrupt({ path: commit, reason: "is no commit of a log", offset: tail })
  }
  const { offset, count, runs } = append
  if (offset !== tail) {
    const reason = `begins with offset ${offset}, and ${tail} should be next`
    throw corrupt({ path: commit, reason, offset: tail })
  }
  return { entry: { offset, count, commit }, runs }
}

function withoutRecords(tree: Tree): Tree {
  return new Map([...tree].filter(([name]) => name !== "records"))
}

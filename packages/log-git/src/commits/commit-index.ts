import { corrupt } from "../log-fault.ts"
import {
  isOid,
  type NewObject,
  type ObjectFormat,
  type ObjectType,
  type Oid,
  toObject,
} from "../objects/object-format.ts"
import { decodeTree, encodeTree, type Tree, type TreeEntry } from "../objects/tree-object.ts"

/** How many levels of folders there are above the leaves, and how many names one has at most. */
const LEVELS = 3
const MAX_NAMES = 256
const NAME_DIGITS = 16
const LINE = /^(\d{1,16}) (\d{1,16}) ([0-9a-f]+)$/

/** A commit of records. */
export interface IndexEntry {
  /** The offset of its first record. */
  readonly offset: number
  /** How many of its records belong to the log; a fork may cut the last commit that it shares. */
  readonly count: number
  readonly commit: Oid
}

/** Where objects are read. */
export interface ObjectSource {
  readonly format: ObjectFormat
  /** The content of an object. */
  read(oid: Oid, type: ObjectType): Promise<Buffer>
  readAll(oids: readonly Oid[], type: ObjectType): Promise<readonly Buffer[]>
}

/**
 * The commits of a log by offset: a B-tree of git's own trees, so that it travels, and is kept, with
 * the log. Parents lead backwards only; this is what leads to the commit of an offset, and forwards,
 * with a few reads and a memory of one leaf.
 *
 * A name is the offset of the first record below it, so that the last name up to an offset leads there.
 */
export async function findLeaf(
  objects: ObjectSource,
  root: Oid | undefined,
  offset: number,
): Promise<readonly IndexEntry[]> {
  let oid = root
  for (let level = 0; level < LEVELS && oid !== undefined; level++) {
    oid = lastUpTo(await readNode(objects, oid), offset)?.oid
  }
  if (oid === undefined) return []
  return decodeLeaf(await objects.read(oid, "blob"), oid, objects.format)
}

/** The entry of the record at `offset`, if it is among these. */
export function findEntry(
  entries: readonly IndexEntry[],
  offset: number,
): { readonly entry: IndexEntry; readonly position: number } | undefined {
  let [low, high] = [0, entries.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((entries[middle]?.offset ?? 0) <= offset) low = middle + 1
    else high = middle
  }
  const entry = entries[low - 1]
  const isIn = entry !== undefined && offset < entry.offset + entry.count
  return isIn ? { entry, position: low - 1 } : undefined
}

/** An index with one more leaf at its end, and what has to be stored for it. */
export async function appendLeaf(
  objects: ObjectSource,
  root: Oid | undefined,
  entries: readonly IndexEntry[],
): Promise<{ readonly root: Oid; readonly objects: readonly NewObject[] }> {
  const { format } = objects
  const leaf = toObject(format, "blob", encodeLeaf(entries))
  const name = String(entries[0]?.offset ?? 0).padStart(NAME_DIGITS, "0")
  const path = await lastPath(objects, root)
  const made = [leaf]
  let entry: TreeEntry = { mode: "100644", oid: leaf.oid }
  // What does not fit into a full node begins a new one beside it.
  let isNew = true
  for (let level = LEVELS - 1; level >= 0; level--) {
    const node = path[level] ?? new Map<string, TreeEntry>()
    const last = [...node.keys()].at(-1) ?? name
    const key = isNew ? name : last
    const isFull: boolean = isNew && node.size >= MAX_NAMES && level > 0
    const tree = toObject(format, "tree", encodeTree(new Map(isFull ? [] : node).set(key, entry)))
    made.push(tree)
    entry = { mode: "40000", oid: tree.oid }
    isNew = isFull || node.size === 0
  }
  return { root: entry.oid, objects: made }
}

function encodeLeaf(entries: readonly IndexEntry[]): Uint8Array {
  return Buffer.from(
    entries.map(({ offset, count, commit }) => `${offset} ${count} ${commit}\n`).join(""),
  )
}

/** @throws {LogError} `CORRUPT` when it is none. */
function decodeLeaf(content: Buffer, path: string, format: ObjectFormat): IndexEntry[] {
  const lines = content.toString("latin1").split("\n")
  const isWhole = lines.pop() === "" && lines.length > 0
  const entries = lines.map((line) => {
    const [, offset, count, commit = ""] = LINE.exec(line) ?? []
    if (!isWhole || !isOid(commit, format))
      throw corrupt({ path, reason: "is no leaf of an index" })
    return { offset: Number(offset), count: Number(count), commit }
  })
  return entries
}

/** The last node of each level. */
async function lastPath(objects: ObjectSource, root: Oid | undefined): Promise<Tree[]> {
  const path: Tree[] = []
  let oid = root
  for (let level = 0; level < LEVELS && oid !== undefined; level++) {
    const node = await readNode(objects, oid)
    path.push(node)
    oid = [...node.values()].at(-1)?.oid
  }
  return path
}

/** The names of a node are of one length, so git's order is that of the offsets. */
async function readNode(objects: ObjectSource, oid: Oid): Promise<Tree> {
  const tree = decodeTree(await objects.read(oid, "tree"), objects.format)
  if (tree === undefined) throw corrupt({ path: oid, reason: "is no node of an index" })
  return tree
}

function lastUpTo(node: Tree, offset: number): TreeEntry | undefined {
  let found: TreeEntry | undefined
  for (const [name, entry] of node) {
    if (Number(name) > offset) break
    found = entry
  }
  return found
}

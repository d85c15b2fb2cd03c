import type { ObjectFormat, Oid } from "./object-format.ts"

const SPACE = 0x20

/** What a name in a tree stands for. */
export interface TreeEntry {
  readonly mode: "100644" | "40000"
  readonly oid: Oid
}

/** The names of a tree, in any order. */
export type Tree = ReadonlyMap<string, TreeEntry>

export function encodeTree(tree: Tree): Uint8Array {
  const rows = [...tree].sort(([a, left], [b, right]) =>
    Buffer.compare(sortKey(a, left), sortKey(b, right)),
  )
  const parts = rows.flatMap(([name, { mode, oid }]) => [
    Buffer.from(`${mode} ${name}\0`),
    Buffer.from(oid, "hex"),
  ])
  return Buffer.concat(parts)
}

/** Gives undefined when the bytes are no tree of files and folders. */
export function decodeTree(bytes: Uint8Array, format: ObjectFormat): Tree | undefined {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const oidBytes = format === "sha1" ? 20 : 32
  const tree = new Map<string, TreeEntry>()
  for (let at = 0; at < view.length; ) {
    const space = view.indexOf(SPACE, at)
    const nul = view.indexOf(0, at)
    const next = nul + 1 + oidBytes
    if (space < at || nul < space || next > view.length) return undefined
    const mode = view.toString("latin1", at, space)
    if (mode !== "100644" && mode !== "40000") return undefined
    tree.set(view.toString("utf8", space + 1, nul), {
      mode,
      oid: view.toString("hex", nul + 1, next) as Oid,
    })
    at = next
  }
  return tree
}

/** Git sorts a folder as if its name ended in a slash. */
function sortKey(name: string, { mode }: TreeEntry): Uint8Array {
  return Buffer.from(mode === "40000" ? `${name}/` : name)
}

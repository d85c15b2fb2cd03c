import { isOid, type ObjectFormat, OID_DIGITS, type Oid } from "./object-format.ts"

/** Who makes the commits of a log: nobody in particular. */
const AUTHOR = "bellmouth <bellmouth@localhost>"

/** What a commit stands on. */
export interface CommitHead {
  readonly tree: Oid
  /** Undefined for the first commit of a history. */
  readonly parent: Oid | undefined
}

/** A commit as it was read. */
export interface DecodedCommit extends CommitHead {
  /** The message, a view of the commit. */
  readonly message: Buffer
}

/** The head of a commit's object, which its message follows. It names no encoding: the message is bytes. */
export function encodeCommitHead({ tree, parent }: CommitHead, seconds: number): Uint8Array {
  const parents = parent === undefined ? "" : `parent ${parent}\n`
  const who = `${AUTHOR} ${seconds} +0000`
  return Buffer.from(`tree ${tree}\n${parents}author ${who}\ncommitter ${who}\n\n`)
}

/** Gives undefined when it is no commit that a log is made of: one parent at most, and no encoding. */
export function decodeCommit(bytes: Uint8Array, format: ObjectFormat): DecodedCommit | undefined {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const end = view.indexOf("\n\n")
  if (end < 0) return undefined
  const digits = OID_DIGITS[format]
  const head = view.toString("latin1", 0, end + 1)
  const tree = head.slice(5, 5 + digits)
  if (!head.startsWith("tree ") || !isOid(tree, format)) return undefined
  const rest = head.slice(6 + digits)
  if (rest.includes("\nencoding ") || rest.includes("\nparent ")) return undefined
  const message = view.subarray(end + 2)
  if (!rest.startsWith("parent ")) return { tree, parent: undefined, message }
  const parent = rest.slice(7, 7 + digits)
  return isOid(parent, format) ? { tree, parent, message } : undefined
}

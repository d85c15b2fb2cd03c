/**
 * A second reader of a log in git, of RFC 0003 and plain git commands alone: it imports nothing of ours,
 * reads everything, and takes no care of speed.
 */
import { spawnSync } from "node:child_process"
import { existsSync } from "node:fs"

/** The records of a log, from the first; none when there is no such ref. */
export function readGitReference(repository: string, ref: string): readonly Buffer[] {
  if (!existsSync(repository) || git(repository, ["for-each-ref", ref]).length === 0) return []
  const commits = git(repository, ["rev-list", "--reverse", "--first-parent", ref])
  const records: Buffer[] = []
  for (const { object, name } of objects(repository, commits)) {
    const message = object.subarray(object.indexOf("\n\n") + 2)
    const end = message.indexOf("\n")
    const [kind, offset, count, place] = message.toString("latin1", 0, end).split(" ")
    if (kind !== "append") continue
    if (Number(offset) !== records.length) throw new Error(`${name}: a gap before ${offset}`)
    const found = place === "blob" ? inBlob(repository, message) : inline(message, end + 2, count)
    if (found.length !== Number(count)) throw new Error(`${name}: another count of records`)
    records.push(...found)
  }
  return records
}

/** What plain git finds wrong with a repository; undefined when it finds nothing. */
export function gitFault(repository: string): string | undefined {
  const { status, stderr, stdout } = spawnSync("git", ["-C", repository, "fsck", "--strict"])
  return status === 0 ? undefined : `${stderr.toString()}${stdout.toString()}`
}

interface Run {
  readonly records: number
  readonly framing: string
  readonly bytes: number
  readonly isBase64: boolean
}

function runsOf(trailers: string): Run[] {
  return Array.from(
    trailers.matchAll(/^Batches: (\d+) x (\d+) (\w+) (\d+)( base64)?$/gm),
    ([, batches, count, framing = "", bytes, base64]) => ({
      records: Number(batches) * Number(count),
      framing,
      bytes: Number(bytes),
      isBase64: base64 !== undefined,
    }),
  )
}

/** The lines are counted off first: what follows them is the trailers. */
function inline(message: Buffer, begin: number, count = "0"): Buffer[] {
  const lines: Buffer[] = []
  let at = begin
  for (let line = 0; line < Number(count); line++) {
    const end = message.indexOf("\n", at)
    lines.push(message.subarray(at, end))
    at = end + 1
  }
  return runsOf(message.toString("utf8", at)).flatMap(({ records, isBase64 }) =>
    lines
      .splice(0, records)
      .map((line) => (isBase64 ? Buffer.from(line.toString("latin1"), "base64") : line)),
  )
}

function inBlob(repository: string, message: Buffer): Buffer[] {
  const text = message.toString("utf8")
  const blob = /^Records: (\w+)$/m.exec(text)?.[1] ?? ""
  const bytes = git(repository, ["cat-file", "blob", blob])
  const found: Buffer[] = []
  let at = 0
  for (const { records, framing } of runsOf(text)) {
    for (let record = 0; record < records; record++) {
      const begin = framing === "lines" ? at : at + 4
      const end = framing === "lines" ? bytes.indexOf("\n", at) : begin + bytes.readUInt32BE(at)
      found.push(bytes.subarray(begin, end))
      at = framing === "lines" ? end + 1 : end
    }
  }
  return found
}

function* objects(
  repository: string,
  names: Buffer,
): Generator<{ readonly name: string; readonly object: Buffer }> {
  const output = git(repository, ["cat-file", "--batch"], names)
  for (let at = 0; at < output.length; ) {
    const end = output.indexOf("\n", at)
    const [name = "", , size] = output.toString("latin1", at, end).split(" ")
    yield { name, object: output.subarray(end + 1, end + 1 + Number(size)) }
    at = end + 2 + Number(size)
  }
}

function git(repository: string, args: readonly string[], input?: Buffer): Buffer {
  const options = { maxBuffer: 2 ** 30, ...(input === undefined ? {} : { input }) }
  const { status, stdout, stderr } = spawnSync("git", ["-C", repository, ...args], options)
  if (status !== 0) throw new Error(`git ${args[0]}: ${stderr.toString()}`)
  return stdout
}

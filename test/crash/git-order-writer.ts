/**
 * The process that is traced: appends to a log in a git repository, of which some chunks are a blob, and
 * says on stdout what was acknowledged.
 *
 * Arguments: the repository, how many chunks, and the level.
 */
import { writeSync } from "node:fs"
import { openGitLog } from "@bellmouth/log-git"

const [repository = "", chunks = "0", level = "disk"] = process.argv.slice(2)

const log = await openGitLog(repository, "traced", {
  level: level === "disk" ? "disk" : "process",
})
const { readable, writable } = log.append()
const [into, acks] = [writable.getWriter(), readable.getReader()]
for (let n = 0; n < Number(chunks); n++) {
  void into.write(Buffer.alloc(n % 5 === 4 ? 70_000 : 50, 97))
  const { value } = await acks.read()
  writeSync(1, `ack ${value?.offset}\n`)
}
await into.close()
await log.close()

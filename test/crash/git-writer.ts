/**
 * The process that is killed: appends to a log in a git repository, and says on stdout what was
 * acknowledged.
 *
 * Arguments: the repository, the number of this run, and how it behaves: `honest`, `unsynced` (a log of
 * level `process`), or `early` (says what it will be acknowledged, before it is).
 */
import { writeSync } from "node:fs"
import { openGitLog } from "@bellmouth/log-git"
import { recordOf } from "./kill-record.ts"

const [repository = "", run = "0", behaviour = "honest"] = process.argv.slice(2)
const WRITERS = 8

const level = behaviour === "unsynced" ? "process" : "disk"
const log = await openGitLog(repository, "killed", { level })
writeSync(1, `open ${await log.tail()} ${log.removedLock === undefined ? 0 : 1}\n`)

async function write(writer: number): Promise<void> {
  const { readable, writable } = log.append()
  const [into, acks] = [writable.getWriter(), readable.getReader()]
  for (let n = 0; ; n++) {
    const name = `${run}/${writer}/${n}`
    const records = Array.from({ length: 1 + (n % 3) }, (_, part) => recordOf(`${name}/${part}`))
    if (behaviour === "early") writeSync(1, `ack ${await log.tail()} ${records.length} ${name}\n`)
    void into.write(records)
    const { value } = await acks.read()
    if (value === undefined) return
    if (behaviour === "early") continue
    writeSync(1, `ack ${value.offset} ${value.count} ${name}\n`)
  }
}

const writers = behaviour === "early" ? 1 : WRITERS
await Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)))

import { spawn, spawnSync } from "node:child_process"
import { join } from "node:path"
import { openGitLog } from "@bellmouth/log-git"
import type { Row } from "../harness/row.ts"

const COMMITS = 2_000
const RECORDS = 20
const ROUNDS = 40

/** A packed log, by several ways, in turn. */
export async function* replayCases(folder: string): AsyncGenerator<Row> {
  const repository = join(folder, "replay")
  const log = await openGitLog(repository, "replay", { level: "process" })
  const { readable, writable } = log.append()
  const [into, acks] = [writable.getWriter(), readable.getReader()]
  for (let commit = 0; commit < COMMITS; commit++) {
    void into.write(
      Array.from({ length: RECORDS }, (_, n) =>
        Buffer.from(`{"commit":${commit},"n":${n}}`.padEnd(99)),
      ),
    )
    await acks.read()
  }
  await log.maintain()
  const names = spawnSync("git", ["-C", repository, "rev-list", "--reverse", log.ref]).stdout
  const best = [Infinity, Infinity]
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, read] of [
      () => catFile(repository, names),
      async () => {
        let seen = 0
        for await (const { bytes } of log.replayBatches()) seen += bytes.length
        return seen
      },
    ].entries()) {
      const start = performance.now()
      const seen = await read()
      if (seen < COMMITS * RECORDS * 100) throw new Error(`Cannot measure: saw ${seen} bytes`)
      best[index] = Math.min(best[index] ?? 0, performance.now() - start)
    }
  }
  await log.close()
  const [bare = 0, ours = 0] = best
  const size = `${(COMMITS * RECORDS) / 1_000},000 records in ${COMMITS / 1_000},000 commits`
  yield {
    name: `replay of a packed log, ${size}, hashes checked: against a bare git cat-file --batch`,
    value: bare / ours,
    unit: "x",
    floor: 0.5,
    aim: 1,
  }
  yield { name: "replay of a packed log, a commit", value: (ours * 1e6) / COMMITS, unit: "ns" }
}

/** Gives how many bytes a bare `git cat-file` says. */
async function catFile(repository: string, names: Uint8Array): Promise<number> {
  const child = spawn("git", ["-C", repository, "cat-file", "--batch", "--buffer"])
  child.stdin.end(names)
  let seen = 0
  for await (const chunk of child.stdout) seen += chunk.length
  return seen
}

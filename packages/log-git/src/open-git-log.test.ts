import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Log, LogSupports } from "@bellmouth/log"
import { type ConformanceLog, logConformance } from "@bellmouth/log/conformance"
import { afterAll, test } from "vitest"
import { type GitLog, openGitLog } from "./open-git-log.ts"

const supports: LogSupports = {
  append: true,
  producers: true,
  trim: true,
  seal: true,
  fork: "shared",
  reopen: true,
  manyWriters: true,
}

const folder = mkdtempSync(join(tmpdir(), "bellmouth-git-"))
afterAll(() => rmSync(folder, { recursive: true }))

for (const [level, objectFormat] of [
  ["disk", "sha1"],
  ["process", "sha256"],
] as const) {
  const open = (repository: string, name: string): Promise<GitLog> =>
    openGitLog(repository, name, { level, objectFormat })
  const places = new Map<Log, readonly [repository: string, name: string]>()
  const toSubject = (log: Log, repository: string, name: string): ConformanceLog => {
    places.set(log, [repository, name])
    return {
      log,
      reopen: () => open(repository, name),
      async fork(at) {
        const forkName = crypto.randomUUID()
        return toSubject(await log.fork(at, forkName), repository, forkName)
      },
      async dispose() {
        const reader = await openGitLog(repository, name, { mode: "read" })
        await reader.close()
        git(repository, "update-ref", "-d", reader.ref)
        git(repository, "gc", "--quiet", "--prune=now")
      },
    }
  }
  const cases = logConformance({
    supports,
    async create() {
      const repository = mkdtempSync(join(folder, "repository-"))
      const name = "a log/.. of\0 names"
      return toSubject(await open(repository, name), repository, name)
    },
    beside: (log) => open(...(places.get(log) ?? ["", ""])),
  })
  for (const { name, run, skip } of cases) {
    test.skipIf(skip !== undefined)(`git log, ${level}, ${objectFormat}: ${name}`, run)
  }
}

/** What is not a log's does nothing here but take away what no ref names. */
function git(repository: string, ...args: readonly string[]): void {
  const { status, stderr } = spawnSync("git", ["-C", repository, ...args], { encoding: "utf8" })
  if (status !== 0) throw new Error(stderr)
}

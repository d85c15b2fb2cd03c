import { mkdtempSync } from "node:fs"
import { join } from "node:path"
import type { Log, LogSupports } from "@bellmouth/log"
import {
  type ConformanceCase,
  type ConformanceLog,
  logConformance,
} from "@bellmouth/log/conformance"
import { type GitLog, type GitLogOptions, openGitLog } from "../src/open-git-log.ts"
import { git } from "./git.ts"

const supports: LogSupports = {
  append: true,
  producers: true,
  trim: true,
  seal: true,
  fork: "shared",
  reopen: true,
  manyWriters: true,
}

/** The claims of every log, put to logs in repositories of a folder. */
export function conformanceCases(
  folder: string,
  options: GitLogOptions,
): readonly ConformanceCase[] {
  const open = (repository: string, name: string): Promise<GitLog> =>
    openGitLog(repository, name, options)
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
      /** What no other log shares is gone after it. */
      async dispose() {
        const reader = await openGitLog(repository, name, { mode: "read" })
        await reader.close()
        git(repository, "update-ref", "-d", reader.ref)
        const isShared = git(repository, "for-each-ref", "--count=1") !== ""
        if (isShared) git(repository, "gc", "--quiet", "--prune=now")
      },
    }
  }
  return logConformance({
    supports,
    async create() {
      const repository = mkdtempSync(join(folder, "repository-"))
      const name = "a log/.. of\0 names"
      return toSubject(await open(repository, name), repository, name)
    },
    beside: (log) => open(...(places.get(log) ?? ["", ""])),
  })
}

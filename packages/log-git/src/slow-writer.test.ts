import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { START } from "@bellmouth/log"
import { expect, test } from "vitest"
import { testFolder } from "../testing/git.ts"
import { appendEach, texts } from "../testing/records.ts"
import { openGitLog } from "./open-git-log.ts"
import { ownIdentity } from "./refs/process-identity.ts"

const folder = testFolder()
const options = { level: "process" } as const

test("a lock that another writer holds while its disk takes long is waited for", async () => {
  const at = mkdtempSync(join(folder, "repository-"))
  await using log = await openGitLog(at, "slow", options)
  // It is registered, and lives.
  await using other = await openGitLog(at, "slow", options)
  const lock = join(at, `${log.ref}.lock`)
  writeFileSync(lock, "")
  const appending = appendEach(log, ["late"])
  // Git itself gives up after a second.
  setTimeout(() => rmSync(lock), 1_500)
  await appending
  expect(existsSync(lock)).toBe(false)
  await appendEach(other, ["later"])
  expect(await texts(log)).toEqual(["late", "later"])
})

test("a fork waits for the lock of another who is about to make a log at its place, and gave up", async () => {
  const at = mkdtempSync(join(folder, "repository-"))
  await using log = await openGitLog(at, "origin", options)
  await appendEach(log, ["one"])
  mkdirSync(join(at, "bellmouth/n-fork"), { recursive: true })
  writeFileSync(join(at, "bellmouth/n-fork/other.writer"), ownIdentity())
  const lock = join(at, "refs/bellmouth/n-fork.lock")
  writeFileSync(lock, "")
  setTimeout(() => rmSync(lock), 1_500)
  await using fork = await log.fork(START, "fork")
  expect(await fork.tail()).toBe(0)
})

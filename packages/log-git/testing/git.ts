import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll } from "vitest"

/** A folder of the test file, that is removed after it. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "bellmouth-git-"))
  afterAll(() => rmSync(folder, { recursive: true }))
  return folder
}

/** Plain git, without anything of ours; gives what it says. */
export function git(repository: string, ...args: readonly string[]): string {
  return gitBytes(repository, ...args).toString("utf8")
}

export function gitBytes(repository: string, ...args: readonly string[]): Buffer {
  const { status, stdout, stderr } = spawnSync("git", ["-C", repository, ...args], {
    maxBuffer: 1e9,
  })
  if (status !== 0) throw new Error(`git ${args.join(" ")}: ${stderr.toString()}`)
  return stdout
}

import { spawnSync } from "node:child_process"
import { closeSync, fsyncSync, openSync } from "node:fs"
import { join } from "node:path"

const WHO = ["-c", "user.name=bench", "-c", "user.email=bench@localhost"]

/**
 * The usual way to commit from a program: a process for each object, and one for the ref. Git syncs what
 * `core.fsync` makes it sync, but neither a tree of `mktree` nor the names of files; so the tree goes through
 * `hash-object`, and the directories are synced here, the last one after the ref.
 */
export function fourProcesses(repository: string, record: Uint8Array): () => void {
  spawnSync("git", ["init", "--quiet", "--bare", repository])
  const git = (args: readonly string[], input: string | Uint8Array): string => {
    const all = ["-C", repository, "-c", "core.fsync=all", ...WHO, ...args]
    const { status, stdout, stderr } = spawnSync("git", all, { input, encoding: "utf8" })
    if (status !== 0) throw new Error(`Cannot measure: git ${args[0]}: ${stderr}`)
    return stdout.trim()
  }
  let parent: string | undefined
  return () => {
    const blob = git(["hash-object", "-w", "--stdin"], record)
    const entry = Buffer.concat([Buffer.from("100644 record\0"), Buffer.from(blob, "hex")])
    const tree = git(["hash-object", "-t", "tree", "-w", "--stdin"], entry)
    const parents = parent === undefined ? [] : ["-p", parent]
    const commit = git(["commit-tree", tree, ...parents, "-m", "append"], "")
    for (const oid of new Set([blob, tree, commit])) {
      syncDirectory(join(repository, "objects", oid.slice(0, 2)))
    }
    git(["update-ref", "refs/heads/log", commit, ...(parent === undefined ? [] : [parent])], "")
    syncDirectory(join(repository, "refs/heads"))
    parent = commit
  }
}

function syncDirectory(path: string): void {
  const directory = openSync(path, "r")
  fsyncSync(directory)
  closeSync(directory)
}

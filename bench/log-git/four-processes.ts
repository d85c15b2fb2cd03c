import { spawnSync } from "node:child_process"

const WHO = ["-c", "user.name=bench", "-c", "user.email=bench@localhost"]

/** The usual way to commit from a program: a process for each object, and one for the ref. */
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
    const tree = git(["mktree"], `100644 blob ${blob}\trecord\n`)
    const parents = parent === undefined ? [] : ["-p", parent]
    const commit = git(["commit-tree", tree, ...parents, "-m", "append"], "")
    git(["update-ref", "refs/heads/log", commit, ...(parent === undefined ? [] : [parent])], "")
    parent = commit
  }
}

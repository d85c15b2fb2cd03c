import { statSync } from "node:fs"
import { chmod, mkdir, rename, rm } from "node:fs/promises"
import { dirname } from "node:path"
import type { Level } from "@bellmouth/log"
import { runGit } from "./git/git-command.ts"
import { makeDirectories } from "./git/make-directories.ts"
import { syncDirectory, syncTree } from "./git/sync-directory.ts"
import type { ObjectFormat } from "./objects/object-format.ts"

/**
 * Makes a bare repository where there is nothing, or an empty directory: beside it, and then in one step.
 * Of several who do so at the same time one does, and no crash leaves a half of it.
 */
export async function makeRepository(
  path: string,
  level: Level,
  format: ObjectFormat,
): Promise<void> {
  const above = dirname(path)
  const first = await makeDirectories(above)
  const draft = `${path}.${crypto.randomUUID()}.tmp`
  await mkdir(draft)
  try {
    const template = ["--template=", `--object-format=${format}`]
    await runGit({ directory: draft, level }, ["init", "--quiet", "--bare", ...template])
    if (level === "disk") await syncTree(draft)
    const empty = statSync(path, { throwIfNoEntry: false })
    if (empty !== undefined) await chmod(draft, empty.mode)
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    if (!isTaken(error)) throw error
  }
  if (level !== "disk") return
  // With the names of the directories that had to be made for it.
  for (let made = above; ; made = dirname(made)) {
    await syncDirectory(made)
    if (first === undefined || made === dirname(first)) return
  }
}

/** Another was first: there is a repository now. */
function isTaken(error: unknown): boolean {
  return (
    error instanceof Error &&
    "code" in error &&
    (error.code === "ENOTEMPTY" || error.code === "EEXIST")
  )
}

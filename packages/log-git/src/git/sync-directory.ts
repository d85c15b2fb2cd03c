import { statSync } from "node:fs"
import { open, readdir } from "node:fs/promises"
import { dirname, join } from "node:path"

/** Settles when the names in a directory are on disk. */
export async function syncDirectory(directory: string): Promise<void> {
  // Windows can not open a directory as a file, and keeps names without being told.
  if (process.platform === "win32") return
  await sync(directory)
}

/**
 * Tells a directory from another of its name, that was made after it was removed: a file system may give
 * the same inode again at once. Undefined when there is none.
 */
export function directoryIdentity(directory: string): string | undefined {
  const stat = statSync(directory, { bigint: true, throwIfNoEntry: false })
  return stat === undefined ? undefined : `${stat.ino} ${stat.birthtimeNs}`
}

/** Settles when everything below a directory is on disk, and the directory's own name. */
export async function syncTree(directory: string): Promise<void> {
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isFile()) await sync(path)
    else await syncDirectory(path)
  }
  await syncDirectory(directory)
  await syncDirectory(dirname(directory))
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, "r")
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

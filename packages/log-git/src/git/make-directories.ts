import { existsSync } from "node:fs"
import { mkdir } from "node:fs/promises"
import { dirname } from "node:path"

/**
 * Makes a directory and what is missing above it; gives the first that was made, if any.
 *
 * The first is made alone: where a file system makes none, as that of `/proc`, Node's recursive way
 * never comes to an end.
 */
export async function makeDirectories(path: string): Promise<string | undefined> {
  if (existsSync(path)) return mkdir(path, { recursive: true })
  let first = path
  while (!existsSync(dirname(first))) first = dirname(first)
  try {
    await mkdir(first)
  } catch (error) {
    const isThere = error instanceof Error && "code" in error && error.code === "EEXIST"
    if (!isThere) throw error
    return mkdir(path, { recursive: true })
  }
  await mkdir(path, { recursive: true })
  return first
}

import { readdir, rm } from "node:fs/promises"
import { join } from "node:path"
import { LogError } from "@bellmouth/log"
import { type FsLog, openFsLog } from "@bellmouth/log-fs"

/**
 * Removes the logs that demos have left which were killed. One whose demo runs is locked, and stays; so
 * does what is no log, such as a folder that a demo has just made.
 */
export async function sweepLogs(folder: string, prefix: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith(prefix)) continue
    const directory = join(folder, name)
    const names = await readdir(directory).catch((): string[] => [])
    if (!names.includes("tail")) continue
    let log: FsLog | undefined
    try {
      log = await openFsLog(directory)
    } catch (error) {
      if (!(error instanceof LogError)) throw error
      if (error.code === "LOCKED") continue
    }
    await rm(directory, { recursive: true, force: true })
    await log?.close().catch(() => {
      // It says that its files are gone, as they should be.
    })
  }
}

import { createHash } from "node:crypto"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { basename, join } from "node:path"
import { runCommand } from "./command.ts"
import { ROOT } from "./source-tree.ts"
import { withLock } from "./with-lock.ts"

const installed = new Map<string, Promise<void>>()

/**
 * Installs the npm project of a folder when it is not there, or is not that of its lock file. Runs
 * once in a process, however often it is called, and in one process at a time.
 *
 * @throws {Error} when npm fails, with what it printed.
 */
export function installProject(folder: string): Promise<void> {
  const known = installed.get(folder)
  if (known !== undefined) return known
  const installing = withLock(basename(folder), () => install(join(ROOT, folder)))
  installed.set(folder, installing)
  return installing
}

async function install(project: string): Promise<void> {
  const lock = createHash("sha256").update(readFileSync(join(project, "package-lock.json")))
  const hash = lock.digest("hex")
  const stamp = join(project, "node_modules/.lock-hash")
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === hash) return
  const { code, output } = await runCommand("npm", ["ci"], { cwd: project })
  if (code !== 0) throw new Error(`Cannot install ${project}: npm says\n${output.trim()}`)
  writeFileSync(stamp, hash)
}

import { createHash } from "node:crypto"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { join } from "node:path"
import { runCommand } from "../command.ts"
import { ROOT } from "../source-tree.ts"
import { withLock } from "../with-lock.ts"

/** The npm project that holds the runtimes; it has a lock file of its own. */
const RUNTIMES: string = join(ROOT, "test/runtimes")

const STAMP = join(RUNTIMES, "node_modules/.lock-hash")
let installed: Promise<void> | undefined

/**
 * Installs the runtimes when they are not there, or are not those of the lock file. Runs once in a
 * process, however often it is called, and in one process at a time.
 *
 * @throws {Error} when npm fails, with what it printed.
 */
export function installRuntimes(): Promise<void> {
  installed ??= withLock("runtimes", install)
  return installed
}

async function install(): Promise<void> {
  const lock = createHash("sha256").update(readFileSync(join(RUNTIMES, "package-lock.json")))
  const hash = lock.digest("hex")
  if (existsSync(STAMP) && readFileSync(STAMP, "utf8") === hash) return
  const { code, output } = await runCommand("npm", ["ci"], { cwd: RUNTIMES })
  if (code !== 0) throw new Error(`Cannot install the runtimes: npm says\n${output.trim()}`)
  writeFileSync(STAMP, hash)
}

/** The path of a file inside an installed package of the runtimes' project. */
export function runtimeFile(packageName: string, file: string): string {
  return join(RUNTIMES, "node_modules", packageName, file)
}

/** Loads an installed package of the runtimes' project. */
export function requireRuntime(packageName: string): unknown {
  return createRequire(join(RUNTIMES, "package.json"))(packageName)
}

/** The first of some files that exists: which one does depends on the machine. */
export function firstFile(what: string, files: readonly string[]): string {
  const found = files.find((file) => existsSync(file))
  if (found === undefined) {
    throw new Error(`Cannot find ${what} for ${process.platform} ${process.arch}`)
  }
  return found
}

import { existsSync } from "node:fs"
import { createRequire } from "node:module"
import { join } from "node:path"
import { installProject } from "../install-project.ts"
import { ROOT } from "../source-tree.ts"

/** The npm project that holds the runtimes; it has a lock file of its own. */
const RUNTIMES: string = join(ROOT, "test/runtimes")

/** Installs the runtimes when they are not there, or are not those of the lock file. */
export function installRuntimes(): Promise<void> {
  return installProject("test/runtimes")
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

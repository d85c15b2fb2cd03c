import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { open } from "node:fs/promises"
import { dirname, join } from "node:path"
import type { Level } from "@bellmouth/log"
import { syncDirectory } from "../git/sync-directory.ts"
import { mayRun, ownIdentity } from "./process-identity.ts"

/**
 * Who writes to a log: a file for each writer, from before it opens the log until it has closed it.
 * They do not keep each other out; they tell a ref's lock that a dead writer has left from one in use.
 */
export class WriterRegistry {
  readonly directory: string
  readonly #own: string

  private constructor(directory: string, own: string) {
    this.directory = directory
    this.#own = own
  }

  static async join(directory: string, level: Level): Promise<WriterRegistry> {
    mkdirSync(directory, { recursive: true })
    const own = crypto.randomUUID()
    const draft = join(directory, `${own}.tmp`)
    writeFileSync(draft, ownIdentity())
    // A power cut that leaves the lock of a ref has to leave who held it.
    if (level === "disk") await syncFile(draft)
    renameSync(draft, join(directory, `${own}.opening`))
    if (level === "disk") {
      for (const folder of [directory, dirname(directory), dirname(dirname(directory))]) {
        await syncDirectory(folder)
      }
    }
    sweep(directory)
    return new WriterRegistry(directory, own)
  }

  /** From here on this writer may hold the lock of the ref. */
  ready(): void {
    const path = join(this.directory, this.#own)
    renameSync(`${path}.opening`, `${path}.writer`)
  }

  /** The other writers that are ready, or were when they died. */
  others(): { readonly alive: string[]; readonly dead: string[] } {
    const alive: string[] = []
    const dead: string[] = []
    for (const name of readdirSync(this.directory)) {
      const path = join(this.directory, name)
      if (name.endsWith(".writer.dead")) dead.push(path)
      if (!name.endsWith(".writer") || name === `${this.#own}.writer`) continue
      const identity = readText(path)
      if (identity !== undefined) (mayRun(identity) ? alive : dead).push(path)
    }
    return { alive, dead }
  }

  leave(): void {
    for (const state of ["opening", "writer"]) {
      rmSync(join(this.directory, `${this.#own}.${state}`), { force: true })
    }
  }
}

/** Removes what writers have left that died before they were ready: they have held no lock. */
function sweep(directory: string): void {
  for (const name of readdirSync(directory)) {
    if (!name.endsWith(".opening") && !name.endsWith(".tmp")) continue
    const path = join(directory, name)
    const identity = readText(path)
    if (identity !== undefined && !mayRun(identity)) rmSync(path, { force: true })
  }
}

/** Gives undefined when there is no such file. */
export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8")
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined
    throw error
  }
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, "r")
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

import { type FSWatcher, readFileSync, watch } from "node:fs"
import { dirname, join } from "node:path"
import { LogError } from "@bellmouth/log"
import { directoryIdentity, syncDirectory } from "../git/sync-directory.ts"
import { isOid, type ObjectFormat, type Oid } from "../objects/object-format.ts"

/** How often a ref is looked at, whatever the watcher says, in milliseconds. */
const POLL_MS = 1_000
/** Git may remove the directory of a ref so many times while it is synced. */
const TRIES = 8

/**
 * The ref of a log, read as git lays refs down in files: git itself would guess at other refs when
 * there is none of exactly this name.
 */
export class RefFile {
  readonly ref: string
  readonly path: string
  readonly #directory: string
  readonly #format: ObjectFormat
  readonly #syncDirectory: typeof syncDirectory
  /** Which directory was synced last: git removes it with its last file, and makes another. */
  #synced: string | undefined

  /**
   * @param directory - that which holds `refs`.
   * @param sync - settles when the names in a directory are on disk.
   */
  constructor(
    directory: string,
    format: ObjectFormat,
    ref: string,
    sync: typeof syncDirectory = syncDirectory,
  ) {
    this.ref = ref
    this.path = join(directory, ref)
    this.#directory = directory
    this.#format = format
    this.#syncDirectory = sync
  }

  get lockPath(): string {
    return `${this.path}.lock`
  }

  /**
   * The commit that the ref names; undefined when there is no such ref. It takes less time than the way to
   * another thread.
   */
  read(): Oid | undefined {
    const oid = readText(this.path)?.trim() ?? this.#packed()
    if (oid === undefined || isOid(oid, this.#format)) return oid
    throw new LogError(
      "NOT_A_LOG",
      `Cannot open ${this.ref} as a log: it holds ${JSON.stringify(oid.slice(0, 80))} instead of a commit; remove it`,
      { path: this.path },
    )
  }

  /** Settles when what the ref names is on disk, as far as names of files are concerned. */
  async sync(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#syncNames()
      } catch (error) {
        // Git has packed the ref, and removed the directory that was to be synced.
        if (!isMissing(error) || attempt === TRIES) throw error
      }
    }
  }

  async #syncNames(): Promise<void> {
    const directory = dirname(this.path)
    const identity = directoryIdentity(directory)
    // A ref that git has packed: its file lies beside the directory of refs.
    if (identity === undefined) return this.#syncDirectory(this.#directory)
    await this.#syncDirectory(directory)
    if (identity === this.#synced) return
    for (let above = dirname(directory); ; above = dirname(above)) {
      await this.#syncDirectory(above)
      if (above === this.#directory) break
    }
    this.#synced = identity
  }

  /** Calls `wake` when the ref may have moved, until the function given back is called. */
  watch(wake: () => void): () => void {
    const name = this.path.slice(dirname(this.path).length + 1)
    let watcher: FSWatcher | undefined
    const begin = (): void => {
      if (watcher !== undefined) return
      try {
        // Where there is no watching, or no watch left to have, the poll alone has to do.
        watcher = watch(dirname(this.path), { persistent: false }, (_, changed) => {
          if (changed === null || changed === name) wake()
        })
        watcher.on("error", end)
      } catch {
        // Reported by the poll: what it finds missing or broken, the next read says.
      }
    }
    const end = (): void => {
      watcher?.close()
      watcher = undefined
    }
    const poll = setInterval(() => {
      // Git packs refs away, and removes the directory that was watched.
      if (directoryIdentity(dirname(this.path)) !== watched) end()
      watched = directoryIdentity(dirname(this.path))
      begin()
      wake()
    }, POLL_MS).unref()
    let watched = directoryIdentity(dirname(this.path))
    begin()
    return () => {
      clearInterval(poll)
      end()
    }
  }

  #packed(): string | undefined {
    const text = readText(join(this.#directory, "packed-refs")) ?? ""
    const end = text.indexOf(` ${this.ref}\n`)
    return end < 0 ? undefined : text.slice(text.lastIndexOf("\n", end) + 1, end)
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8")
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT"
}

import {
  closeSync,
  existsSync,
  fsync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs"
import { join } from "node:path"
import { promisify } from "node:util"
import { deflate, deflateSync } from "node:zlib"
import type { Level } from "@bellmouth/log"
import type { NewObject } from "./object-format.ts"
import { syncDirectory } from "./sync-directory.ts"

/** The way to another thread and back takes about as long as to compress so many bytes. */
const SYNC_BYTES = 16_384
const COMPRESSION = { level: 1 }

const syncFile = promisify(fsync)
const compress = promisify(deflate)

/** An object whose bytes are written, and whose name is not there yet. */
interface Draft {
  readonly path: string
  readonly folder: string
  readonly name: string
}

/**
 * Stores loose objects as git does, and, at level `disk`, has both them and their names synced: git's
 * own commands do so in part only.
 */
export class ObjectWriter {
  readonly #directory: string
  readonly #level: Level
  /** The folders whose names are on disk, whoever has made them. */
  readonly #folders = new Set<string>()

  constructor(directory: string, level: Level) {
    this.#directory = directory
    this.#level = level
  }

  /**
   * Makes objects readable, and gives a promise for the end of what has to be on disk before a ref may
   * name them. An object that is there is written again: nobody knows whether it was synced.
   */
  async write(objects: readonly NewObject[]): Promise<{ readonly named: Promise<unknown> }> {
    const drafts = await Promise.all(objects.map((object) => this.#draft(object)))
    const folders = new Set<string>()
    for (const { path, folder, name } of drafts) {
      renameSync(path, join(folder, name))
      folders.add(folder)
    }
    return { named: this.#level === "disk" ? this.#sync(folders) : Promise.resolve() }
  }

  /** Another writer may have made a folder, and not yet have synced its name. */
  async #sync(folders: ReadonlySet<string>): Promise<void> {
    const isKnown = [...folders].every((folder) => this.#folders.has(folder))
    const all = isKnown ? [...folders] : [...folders, this.#directory]
    await Promise.all(all.map(syncDirectory))
    for (const folder of folders) this.#folders.add(folder)
  }

  async #draft({ oid, framed }: NewObject): Promise<Draft> {
    const folder = join(this.#directory, oid.slice(0, 2))
    if (!existsSync(folder)) mkdirSync(folder, { recursive: true })
    const bytes =
      framed.length <= SYNC_BYTES
        ? deflateSync(framed, COMPRESSION)
        : await compress(framed, COMPRESSION)
    // Git removes what has such a name, when nobody has finished it for two weeks.
    const path = join(folder, `tmp_obj_${crypto.randomUUID()}`)
    const file = openSync(path, "wx", 0o444)
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at)
      if (this.#level === "disk") await syncFile(file)
    } catch (error) {
      rmSync(path, { force: true })
      throw error
    } finally {
      closeSync(file)
    }
    return { path, folder, name: oid.slice(2) }
  }
}

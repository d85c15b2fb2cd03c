import { mkdirSync, renameSync } from "node:fs"
import { join } from "node:path"
import { promisify } from "node:util"
import { deflate, deflateSync } from "node:zlib"
import type { Level } from "@bellmouth/log"
import { directoryIdentity, syncDirectory } from "../git/sync-directory.ts"
import { ObjectDraft } from "./object-draft.ts"
import type { NewObject } from "./object-format.ts"

/** The way to another thread and back takes about as long as to compress so many bytes. */
const SYNC_BYTES = 16_384
const COMPRESSION = { level: 1 }

/** Git may remove a new folder so many times before the first object is in it. */
const TRIES = 8

/** A file that was made ahead is not used after so long, in milliseconds: git may have removed it. */
const SPARE_MS = 60_000

const compress = promisify(deflate)

interface Spare {
  readonly draft: Promise<ObjectDraft>
  readonly made: number
}

/**
 * Stores loose objects as git does, and, at level `disk`, has both them and their names synced: git's
 * own commands do so in part only.
 */
export class ObjectWriter {
  readonly #directory: string
  readonly #level: Level
  readonly #syncNames: typeof syncDirectory
  /** The folders whose names are on disk, whoever has made them: git removes those that are empty. */
  readonly #folders = new Map<string, string | undefined>()

  /** To make a file takes longer than to sync one: the next one is made while a commit goes on. */
  #spare: Spare | undefined

  /** @param sync - settles when the names in a directory are on disk. */
  constructor(directory: string, level: Level, sync: typeof syncDirectory = syncDirectory) {
    this.#directory = directory
    this.#level = level
    this.#syncNames = sync
  }

  /**
   * Makes objects readable, and gives a promise for the end of what has to be on disk before a ref may
   * name them. An object that is there is written again: nobody knows whether it was synced.
   */
  async write(objects: readonly NewObject[]): Promise<{ readonly named: Promise<unknown> }> {
    const drafts = await this.#writeAll(objects)
    const folders = new Set<string>()
    try {
      for (const [index, { oid }] of objects.entries()) {
        const folder = join(this.#directory, oid.slice(0, 2))
        putInto(folder, oid.slice(2), drafts[index]?.path ?? "")
        folders.add(folder)
      }
    } catch (error) {
      await discardAll(drafts)
      throw error
    }
    const draft = ObjectDraft.create(this.#directory)
    // Told to who takes it; nobody may.
    draft.catch(() => {})
    this.#spare = { draft, made: performance.now() }
    return { named: this.#level === "disk" ? this.#sync(folders) : Promise.resolve() }
  }

  /** Another writer may have made a folder, and not yet have synced its name. */
  async #sync(folders: ReadonlySet<string>): Promise<void> {
    const found = Array.from(folders, (folder) => [folder, directoryIdentity(folder)] as const)
    const isKnown = found.every(
      ([folder, identity]) => identity !== undefined && this.#folders.get(folder) === identity,
    )
    const all = isKnown ? [...folders] : [...folders, this.#directory]
    await Promise.all(all.map((each) => this.#syncNames(each)))
    for (const [folder, identity] of found) this.#folders.set(folder, identity)
  }

  /** Leaves no file behind. */
  async close(): Promise<void> {
    const spare = this.#spare
    this.#spare = undefined
    // One that could not be made is not there.
    const draft = await spare?.draft.catch(() => undefined)
    await draft?.discard()
  }

  /** Gives a finished file for each object, or leaves none. */
  async #writeAll(objects: readonly NewObject[]): Promise<ObjectDraft[]> {
    const written = await Promise.allSettled(objects.map((object) => this.#write(object)))
    const drafts = written.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []))
    const failed = written.find((each) => each.status === "rejected")
    if (failed === undefined) return drafts
    await discardAll(drafts)
    throw failed.reason
  }

  async #write({ framed }: NewObject): Promise<ObjectDraft> {
    const making = this.#make()
    // It may fail before anybody waits for it, which is told below.
    making.catch(() => {})
    const bytes =
      framed.length <= SYNC_BYTES
        ? deflateSync(framed, COMPRESSION)
        : await compress(framed, COMPRESSION)
    const draft = await making
    await draft.finish(bytes, this.#level === "disk")
    return draft
  }

  async #make(): Promise<ObjectDraft> {
    const spare = this.#spare
    this.#spare = undefined
    if (spare === undefined) return ObjectDraft.create(this.#directory)
    const draft = await spare.draft
    if (performance.now() - spare.made < SPARE_MS) return draft
    await draft.discard()
    return ObjectDraft.create(this.#directory)
  }
}

async function discardAll(drafts: readonly ObjectDraft[]): Promise<void> {
  for (const draft of drafts) await draft.discard()
}

/** Names an object; its folder is made where there is none, or git has just removed it, as it was empty. */
function putInto(folder: string, name: string, draft: string): void {
  for (let attempt = 1; ; attempt++) {
    try {
      return renameSync(draft, join(folder, name))
    } catch (error) {
      const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT"
      if (!isMissing || attempt === TRIES) throw error
      mkdirSync(folder, { recursive: true })
    }
  }
}

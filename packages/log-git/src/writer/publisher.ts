import { existsSync } from "node:fs"
import { type Level, LogError } from "@bellmouth/log"
import type { NewObject, Oid } from "../objects/object-format.ts"
import type { ObjectWriter } from "../objects/object-writer.ts"
import type { RefFile } from "../refs/ref-file.ts"
import { RefRefused, type RefUpdater } from "../refs/ref-updater.ts"

/** So many of the objects that were written last are known, in case one is needed again. */
const KNOWN_OBJECTS = 16

/** So long another writer of the log may hold the lock of its ref, in milliseconds: its disk may take long. */
const PATIENCE_MS = 10_000

/** Moves a ref to new objects, all of which are on disk before. */
export class Publisher {
  readonly #objects: ObjectWriter
  readonly #refs: RefUpdater
  readonly #ref: RefFile
  readonly #level: Level
  readonly #clearLock: () => Promise<boolean>
  readonly #hasOthers: () => boolean
  /** Since when the lock is in the way, as `performance.now()` says. */
  #lockedSince: number | undefined
  /** A tree stays the same from commit to commit. */
  #known: readonly Oid[] = []

  constructor(init: {
    readonly objects: ObjectWriter
    readonly refs: RefUpdater
    readonly ref: RefFile
    readonly level: Level
    /** Removes the lock of the ref, if a dead writer has left it. */
    readonly clearLock: () => Promise<boolean>
    /** Whether other writers of the log live. */
    readonly hasOthers: () => boolean
  }) {
    this.#objects = init.objects
    this.#refs = init.refs
    this.#ref = init.ref
    this.#level = init.level
    this.#clearLock = init.clearLock
    this.#hasOthers = init.hasOthers
  }

  /**
   * Stores objects, and swaps the ref from `previous` to `next`; gives false when it is another by now.
   *
   * @throws {Error} when it is not known what was stored.
   */
  async publish(objects: readonly NewObject[], next: Oid, previous: Oid): Promise<boolean> {
    const { named } = await this.#objects.write(
      objects.filter(({ oid }) => !this.#known.includes(oid)),
    )
    // Git writes down what the ref will be, while the names of the objects are being synced.
    const change = { ref: this.#ref.ref, next, previous }
    const [isNamed, isPrepared] = await Promise.allSettled([named, this.#refs.prepare(change)])
    if (isNamed.status === "rejected") {
      // Ends the lock of the ref with the process that holds it.
      await this.#refs.close()
      throw isNamed.reason
    }
    this.#known = [...objects.map(({ oid }) => oid), ...this.#known].slice(0, KNOWN_OBJECTS)
    if (isPrepared.status === "rejected") return this.#refused(isPrepared.reason, previous)
    this.#lockedSince = undefined
    await this.#refs.commit()
    if (this.#level === "disk") await this.#ref.sync()
    return true
  }

  async close(): Promise<void> {
    await this.#refs.close()
    await this.#objects.close()
  }

  /** Gives false when the ref is another, or was locked and is no more, or by a writer that lives. */
  async #refused(reason: unknown, previous: Oid): Promise<false> {
    if (!(reason instanceof RefRefused)) throw reason
    const oid = this.#ref.read()
    if (oid !== previous && !(oid === undefined && /^0+$/.test(previous))) return false
    if (!existsSync(this.#ref.lockPath)) throw reason
    if (await this.#clearLock()) return false
    this.#lockedSince ??= performance.now()
    if (this.#hasOthers() && performance.now() - this.#lockedSince < PATIENCE_MS) return false
    throw new LogError(
      "LOCKED",
      `Cannot move ${this.#ref.ref}: ${this.#ref.lockPath} is there; if no git command runs, remove it`,
      { path: this.#ref.lockPath, cause: reason },
    )
  }
}

import type { SnapshotStore, StoredSnapshot } from "./snapshot.ts"

/** Saves the latest snapshot, one save at a time: those that come during one are left out but the last. */
export class SnapshotSaver<S> {
  readonly #store: SnapshotStore<S> | undefined
  readonly #failed: (reason: unknown) => void
  #latest: StoredSnapshot<S> | undefined
  #saving: Promise<void> | undefined

  constructor(store: SnapshotStore<S> | undefined, failed: (reason: unknown) => void) {
    this.#store = store
    this.#failed = failed
  }

  set(snapshot: StoredSnapshot<S>): void {
    if (this.#store === undefined) return
    this.#latest = snapshot
    this.#saving ??= this.#save(this.#store)
  }

  /** Settles once the latest is saved, or has failed to be. */
  async idle(): Promise<void> {
    await this.#saving
  }

  async #save(store: SnapshotStore<S>): Promise<void> {
    try {
      for (let next = this.#latest; next !== undefined; next = this.#latest) {
        this.#latest = undefined
        await store.save(next)
      }
    } catch (reason) {
      this.#failed(reason)
    }
    this.#saving = undefined
  }
}

import { fromPush } from "../sources/from-push.ts"
import type { PushController } from "../sources/push-source.ts"

/**
 * A value that changes, for any number of readers: each sees the latest, and may miss those between.
 *
 * It holds one value for each reader and no queue, so a slow reader costs nothing. Its owner sets it
 * through a {@link SnapshotSource}.
 *
 * @example A reader that comes late
 * ```ts
 * import assert from "node:assert/strict"
 * import { type Snapshot, SnapshotSource, take, toArray } from "@bellmouth/core"
 *
 * const source = new SnapshotSource<number>()
 * const progress: Snapshot<number> = source.snapshot
 * source.set(10)
 * source.set(70)
 * assert.equal(progress.latest, 70)
 * assert.deepEqual(await toArray(progress.readable().pipeThrough(take(1))), [70])
 * ```
 */
export class Snapshot<S> {
  readonly #source: SnapshotSource<S>

  /** @internal */
  constructor(source: SnapshotSource<S>) {
    this.#source = source
  }

  /** The latest value; undefined before the first. Still there after the end. */
  get latest(): S | undefined {
    return this.#source.latest?.state
  }

  /**
   * A new readable of the value: the latest now, if there is one, then each change, the latest
   * winning. It closes or fails when its owner does, after the last value.
   */
  readable(): ReadableStream<S> {
    return this.#source.readable()
  }
}

type End = { readonly failure?: { readonly reason: unknown } }

/**
 * The owner's side of a {@link Snapshot}.
 *
 * @example The latest wins
 * ```ts
 * import assert from "node:assert/strict"
 * import { SnapshotSource, toArray } from "@bellmouth/core"
 *
 * const source = new SnapshotSource<string>()
 * const readable = source.snapshot.readable()
 * for (const state of ["idle", "busy", "done"]) source.set(state)
 * source.close()
 * assert.deepEqual(await toArray(readable), ["done"])
 * ```
 */
export class SnapshotSource<S> {
  /** What others may see. */
  readonly snapshot: Snapshot<S> = new Snapshot(this)
  /** The latest value, in a box, as any value may be one. */
  latest: { readonly state: S } | undefined
  readonly #readers = new Set<PushController<S>>()
  #end: End | undefined

  /** Sets the value. Ignored after the end. */
  set(state: S): void {
    if (this.#end !== undefined) return
    const latest = { state }
    this.latest = latest
    for (const reader of this.#readers) {
      // A reader may set the next value: all have been told of that one by now.
      if (this.latest !== latest) return
      reader.enqueue(state)
    }
  }

  /** Closes every readable after its last value. */
  close(): void {
    this.#endWith({})
  }

  /** Fails every readable with `reason` after its last value. */
  error(reason: unknown): void {
    this.#endWith({ failure: { reason } })
  }

  /** @internal */
  readable(): ReadableStream<S> {
    let reader: PushController<S> | undefined
    return fromPush<S>(
      {
        start: (controller) => {
          reader = controller
          if (this.latest !== undefined) controller.enqueue(this.latest.state)
          if (this.#end === undefined) this.#readers.add(controller)
          else tell(controller, this.#end)
        },
        stop: () => {
          if (reader !== undefined) this.#readers.delete(reader)
        },
      },
      { highWaterMark: 1, maxQueued: 1, overflow: "drop-oldest" },
    )
  }

  #endWith(end: End): void {
    if (this.#end !== undefined) return
    this.#end = end
    for (const reader of this.#readers) tell(reader, end)
    this.#readers.clear()
  }
}

function tell(reader: PushController<unknown>, { failure }: End): void {
  if (failure === undefined) reader.close()
  else reader.error(failure.reason)
}

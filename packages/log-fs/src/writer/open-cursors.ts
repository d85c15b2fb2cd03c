import type { LogCursor } from "@bellmouth/log"
import { SegmentCursor, type SegmentSource } from "../segments/segment-cursor.ts"

/** The replays of a writer's log that are open in its process. */
export class OpenCursors {
  readonly #cursors = new Set<SegmentCursor>()

  open(source: SegmentSource, from: number, lend: boolean): LogCursor {
    const cursor = new SegmentCursor(source, from, lend)
    this.#cursors.add(cursor)
    return {
      next: () => cursor.next(),
      close: () => {
        this.#cursors.delete(cursor)
        return cursor.close()
      },
    }
  }

  /** The first offset that one of them has still to read; Infinity when there is none. */
  get needed(): number {
    let needed = Number.POSITIVE_INFINITY
    // Not by one call with all of them: there may be more than a call takes.
    for (const { position } of this.#cursors) needed = Math.min(needed, position)
    return needed
  }
}

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
    return Math.min(
      Number.POSITIVE_INFINITY,
      ...Array.from(this.#cursors, ({ position }) => position),
    )
  }
}

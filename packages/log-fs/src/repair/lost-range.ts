import type { Offset } from "@bellmouth/log"

/** Records that were acknowledged, and are not there. */
export interface LostRange {
  readonly from: Offset
  /** The offset after the last one: where a replay can go on. */
  readonly until: Offset
}

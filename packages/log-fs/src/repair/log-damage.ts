import type { Offset } from "@bellmouth/log"

/** A part of a log that is not as it was written. */
export interface LogDamage {
  readonly path: string
  readonly position: number
  /** The first record that can not be read because of it. */
  readonly offset: Offset
  /** What is wrong there, as the end of a sentence. */
  readonly reason: string
}

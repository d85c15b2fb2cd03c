import type { Offset } from "@bellmouth/log"
import type { LogDamage } from "./log-damage.ts"
import type { LostRange } from "./lost-range.ts"

/** A part of a log that is not as it was written, and how far it goes. */
export interface RepairDamage extends LogDamage {
  /** The byte after it. */
  readonly end: number
}

/** What `repairFsLog` has found, and done. */
export interface RepairReport {
  readonly id: string
  /** `whole`: there is nothing to repair; `planned`: nothing was changed; `repaired`. */
  readonly outcome: "whole" | "planned" | "repaired"
  /** Every place that is not as it was written. */
  readonly damages: readonly RepairDamage[]
  /** The records that are given up, beside those of earlier repairs. */
  readonly lost: readonly LostRange[]
  /** Whether it is known how far the log went: not when its tail file is lost. */
  readonly isTailKnown: boolean
  /** The log as it is then. */
  readonly start: Offset
  readonly tail: Offset
  /** The files that were damaged, as they were; and the report, as JSON. Empty when nothing was changed. */
  readonly keptAs: readonly string[]
}

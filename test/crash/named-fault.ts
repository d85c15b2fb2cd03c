import type { PlantedFault } from "./planted-fault.ts"

/** Which of the tests has to find a fault. */
export type CrashLayer =
  | "states"
  | "ends"
  | "model"
  | "damage"
  | "order"
  | "failures"
  | "power"
  | "failing"
  | "fencing"
  | "races"
  | "repair"

/** A mistake that one could make, with those that have to find it. */
export interface NamedFault {
  readonly name: string
  readonly layers: readonly CrashLayer[]
  readonly faults: readonly PlantedFault[]
}

/** A change of one place of the log on disk. */
export const edit = (file: string, from: string, to: string): PlantedFault[] => [{ file, from, to }]

/** A change of one place of what all logs share. */
export const inLog = (file: string, from: string, to: string): PlantedFault[] => [
  { package: "log", file, from, to },
]

export { type CheckLawsOptions, checkLaws, type LawReport } from "./check-laws.ts"
export type { Joins } from "./joins.ts"
export type { Departure, Law, LawName, LawResult } from "./law.ts"
export { LawError, type LawErrorCode, type LawErrorDetails } from "./law-error.ts"
export type { LawOptions } from "./law-options.ts"
export { laws } from "./laws.ts"
export { seededRandom } from "./random.ts"
export {
  byteChunkings,
  type Chunking,
  type ChunkingOptions,
  type Splits,
  textChunkings,
} from "./splits.ts"
export type { FailingInput, Probe, Subject, SubjectLimits } from "./subject.ts"
export type { Violator } from "./violators/violator.ts"
export { violators } from "./violators/violators.ts"

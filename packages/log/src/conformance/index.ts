export { ConformanceError } from "./check.ts"
export type { ConformanceCase, ConformanceLog, ConformanceSubject } from "./conformance-case.ts"
export { logConformance } from "./log-conformance.ts"

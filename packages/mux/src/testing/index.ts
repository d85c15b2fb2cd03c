export { ConformanceError } from "./conformance-error.ts"
export {
  type MemoryTransports,
  type MemoryTransportsOptions,
  memoryTransports,
} from "./memory-transports.ts"
export type { Delivery } from "./memory-wire.ts"
export { transportConformance } from "./transport-conformance.ts"
export type {
  TransportCase,
  TransportEnds,
  TransportSubject,
  TransportSupports,
} from "./transport-subject.ts"

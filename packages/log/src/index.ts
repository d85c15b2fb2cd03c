export type {
  Ack,
  AppendBatchOptions,
  AppendInput,
  AppendOptions,
  Framing,
  Level,
  Log,
  LogEntry,
  LogSupports,
  RecordBatch,
  ReplayBatchesOptions,
  ReplayOptions,
} from "./log.ts"
export type {
  BatchException,
  Commit,
  CommitResult,
  CommitRun,
  LogBackend,
  LogCursor,
} from "./log-backend.ts"
export { LogError, type LogErrorCode, type LogErrorOptions } from "./log-error.ts"
export { decodeLogName, encodeLogName } from "./log-name.ts"
export { type LogPorts, type LogPortsOptions, logPorts } from "./log-ports.ts"
export { logSealed } from "./log-sealed.ts"
export { createMemoryLog, MemoryBackend, type MemoryLogOptions } from "./memory-log.ts"
export { type Offset, START, toOffset } from "./offset.ts"
export { openLog } from "./open-log.ts"
export type { Producer, ProducerBatch } from "./producer.ts"
export {
  type ProducerState,
  ProducerTable,
  type ProducerVerdict,
  type StoredBatch,
  type StoredRun,
} from "./producer-table.ts"
export { project, type Reducer, type Snapshot } from "./project.ts"
export { type RecordBatchInit, toRecordBatch } from "./record-batch.ts"
export type { LoggedEvent } from "./replay-feed.ts"
export {
  createMemorySnapshotStore,
  type RestoreOptions,
  replayFrom,
  restoreSnapshot,
  type SnapshotStore,
  type StoredSnapshot,
} from "./snapshot.ts"
export { tailMismatch } from "./tail-mismatch.ts"
export { WaitingCursor } from "./waiting-cursor.ts"

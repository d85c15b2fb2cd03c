export type { FileLayer, LayerFile } from "./file-layer.ts"
export {
  createFsSnapshotStore,
  type FsSnapshotStore,
  type FsSnapshotStoreOptions,
  type SkippedSnapshot,
  type SnapshotCodec,
} from "./fs-snapshot-store.ts"
export type { LogDamage } from "./log-damage.ts"
export type { LostRange } from "./lost-range.ts"
export { nodeBlockingFileLayer, nodeFileLayer } from "./node-file-layer.ts"
export { type FsLog, type FsLogOptions, openFsLog } from "./open-fs-log.ts"
export type { Recovery } from "./recover-segment.ts"
export { type RepairOptions, repairFsLog } from "./repair-fs-log.ts"
export type { RepairDamage, RepairReport } from "./repair-report.ts"
export type { Retention } from "./retention.ts"
export {
  type VerifiedSegment,
  type VerifyOptions,
  type VerifyReport,
  verifyFsLog,
} from "./verify-fs-log.ts"

export type { FileLayer, LayerFile } from "./files/file-layer.ts"
export { nodeBlockingFileLayer, nodeFileLayer } from "./files/node-file-layer.ts"
export {
  createFsSnapshotStore,
  type FsSnapshotStore,
  type FsSnapshotStoreOptions,
  type SkippedSnapshot,
  type SnapshotCodec,
} from "./fs-snapshot-store.ts"
export { type FsLog, type FsLogOptions, openFsLog } from "./open-fs-log.ts"
export type { LogDamage } from "./repair/log-damage.ts"
export type { LostRange } from "./repair/lost-range.ts"
export { type RepairOptions, repairFsLog } from "./repair/repair-fs-log.ts"
export type { RepairDamage, RepairReport } from "./repair/repair-report.ts"
export {
  type VerifiedSegment,
  type VerifyOptions,
  type VerifyReport,
  verifyFsLog,
} from "./repair/verify-fs-log.ts"
export type { Recovery } from "./segments/recover-segment.ts"
export type { Retention } from "./segments/retention.ts"

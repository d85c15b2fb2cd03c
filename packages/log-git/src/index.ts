export { type GitLog, type GitLogOptions, openGitLog } from "./open-git-log.ts"
export type { SnapshotCodec } from "./snapshot-store.ts"
export type { RemovedLock } from "./stale-ref-lock.ts"

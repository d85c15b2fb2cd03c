export { type GitLog, type GitLogOptions, openGitLog } from "./open-git-log.ts"
export type { RemovedLock } from "./refs/stale-ref-lock.ts"
export type { SnapshotCodec } from "./snapshot-store.ts"

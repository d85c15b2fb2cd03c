export { fromIovalkey, type IovalkeyLike } from "./client/from-iovalkey.ts"
export { fromNodeRedis, type NodeRedisLike } from "./client/from-node-redis.ts"
export type {
  ValkeyArgument,
  ValkeyClient,
  ValkeyConnection,
  ValkeyEvents,
  ValkeyNode,
} from "./client/valkey-client.ts"
export { openValkeyLog, type ValkeyLog, type ValkeyLogOptions } from "./open-valkey-log.ts"
export {
  openValkeySnapshotStore,
  type ValkeySnapshotStore,
  type ValkeySnapshotStoreOptions,
} from "./valkey-snapshot-store.ts"

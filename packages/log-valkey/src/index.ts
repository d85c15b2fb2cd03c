export { fromIovalkey, type IovalkeyLike } from "./from-iovalkey.ts"
export { fromNodeRedis, type NodeRedisLike } from "./from-node-redis.ts"
export { openValkeyLog, type ValkeyLog, type ValkeyLogOptions } from "./open-valkey-log.ts"
export type {
  ValkeyArgument,
  ValkeyClient,
  ValkeyConnection,
  ValkeyEvents,
  ValkeyNode,
} from "./valkey-client.ts"
export {
  openValkeySnapshotStore,
  type ValkeySnapshotStore,
  type ValkeySnapshotStoreOptions,
} from "./valkey-snapshot-store.ts"

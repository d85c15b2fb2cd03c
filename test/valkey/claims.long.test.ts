import { ALWAYS, EVERY_SECOND, putClaims } from "./put-claims.ts"

await putClaims("Valkey, synced, by ioredis", {
  kind: "valkey",
  client: "ioredis",
  settings: ALWAYS,
})
await putClaims("Valkey, synced, by node-redis", {
  kind: "valkey",
  client: "redis",
  settings: ALWAYS,
})
await putClaims("Valkey without a file", { kind: "valkey", client: "iovalkey", settings: {} })
await putClaims("Redis 7.0, synced", { kind: "redis", client: "ioredis", settings: ALWAYS })
// Each commit waits for the sync that comes once a second.
await putClaims("Valkey, synced each second", {
  kind: "valkey",
  client: "iovalkey",
  settings: EVERY_SECOND,
  readsAhead: true,
  only: /declares|sends again, and stored once|gets a level|two writers|is sealed get/,
})

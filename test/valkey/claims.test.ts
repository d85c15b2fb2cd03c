import { ALWAYS, putClaims } from "./put-claims.ts"

await putClaims("Valkey, synced, by iovalkey", {
  kind: "valkey",
  client: "iovalkey",
  settings: ALWAYS,
})

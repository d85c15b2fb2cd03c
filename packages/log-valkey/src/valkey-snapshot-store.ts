import { encodeLogName, type SnapshotStore, type StoredSnapshot, toOffset } from "@bellmouth/log"
import { checkPrefix, checkWhole, MAX_MS, PREFIX, TIMEOUT_MS } from "./check-options.ts"
import { toBytes, toList, toNumber, toText } from "./client/reply.ts"
import type { ValkeyClient } from "./client/valkey-client.ts"
import { LogPlace } from "./log-place.ts"
import { SAVE_SNAPSHOT_SCRIPT } from "./log-scripts.ts"
import { leaseRouter } from "./nodes/shared-router.ts"
import { toFault } from "./valkey-fault.ts"

const OPEN = "open the snapshot store"

/** What `openValkeySnapshotStore` takes. */
export interface ValkeySnapshotStoreOptions<S> {
  /** What the keys begin with: up to 256 characters without braces. Default `"bellmouth:"`. */
  readonly prefix?: string
  /** How long a command is tried again, in milliseconds. Default 30,000. */
  readonly timeoutMs?: number
  /** Makes bytes of a state. Default: its JSON. */
  readonly encode?: (state: S) => Uint8Array
  /** Makes a state of bytes. Default: that of their JSON, as it was saved. */
  readonly decode?: (bytes: Uint8Array) => S
}

/** A snapshot store that holds connections until it is closed. */
export interface ValkeySnapshotStore<S> extends SnapshotStore<S>, AsyncDisposable {
  close(): Promise<void>
}

/**
 * Keeps the latest snapshot of a reducer in Valkey, under a name of its own. Of two snapshots of one log
 * the later one stays, whoever saves last.
 *
 * `load` and `save` reject with a `LogError`: `READ_FAILED`, `WRITE_FAILED` or `NOT_A_LOG`.
 *
 * @throws {TypeError | RangeError} (by rejecting) when the name is none that a log can have, or an option none.
 *
 * @example Begin where the last process has stopped
 * ```ts
 * import { restoreSnapshot } from "@bellmouth/log"
 * import { fromIovalkey, openValkeyLog, openValkeySnapshotStore } from "@bellmouth/log-valkey"
 * import { Redis } from "iovalkey"
 *
 * const client = fromIovalkey(new Redis({ host: "valkey.example", lazyConnect: true }))
 * const count = async () => {
 *   await using log = await openValkeyLog(client, "events", { mode: "read" })
 *   await using store = await openValkeySnapshotStore<number>(client, "events, counted")
 *   const reducer = (count: number) => count + 1
 *   return restoreSnapshot(log, { reducer, initial: 0, store })
 * }
 * ```
 */
export async function openValkeySnapshotStore<S>(
  client: ValkeyClient,
  name: string,
  options: ValkeySnapshotStoreOptions<S> = {},
): Promise<ValkeySnapshotStore<S>> {
  const { prefix = PREFIX, timeoutMs = TIMEOUT_MS } = options
  checkPrefix(OPEN, prefix)
  checkWhole(OPEN, "timeoutMs", timeoutMs, { least: 1, most: MAX_MS })
  const { encode = encodeJson, decode = decodeJson } = options
  const key = `${prefix}{${await encodeLogName(name)}}:snapshot`
  const lease = leaseRouter(client)
  const keys = { records: key, head: key, producers: key, batches: key, aside: key }
  const place = new LogPlace(lease.router, keys, timeoutMs)
  const close = async (): Promise<void> => lease.release()
  return {
    async load(): Promise<StoredSnapshot<S> | undefined> {
      try {
        const fields = ["HMGET", key, "log", "offset", "state"]
        const [log, offset, state] = toList(await place.send(fields, { type: "read" }))
        if (log === null || log === undefined) return undefined
        return {
          log: toText(log),
          offset: toOffset(toNumber(offset)),
          state: decode(toBytes(state)),
        }
      } catch (cause) {
        throw toFault("READ_FAILED", "load the snapshot", key, cause)
      }
    },
    async save({ log, offset, state }): Promise<void> {
      const args = [log, String(offset), encode(state)]
      try {
        await place.run(SAVE_SNAPSHOT_SCRIPT, [key], args, { type: "write" })
      } catch (cause) {
        throw toFault("WRITE_FAILED", "save the snapshot", key, cause)
      }
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

function encodeJson(state: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(state))
}

function decodeJson<S>(bytes: Uint8Array): S {
  // What was saved under this name is a state of this reducer.
  return JSON.parse(new TextDecoder().decode(bytes)) as S
}

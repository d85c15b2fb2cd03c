import { encodeLogName, type Log, LogError, openLog } from "@bellmouth/log"
import { checkOneOf, checkPrefix, checkWhole, MAX_MS, PREFIX, TIMEOUT_MS } from "./check-options.ts"
import { toList, toText } from "./client/reply.ts"
import { toScript } from "./client/script.ts"
import type { ValkeyClient } from "./client/valkey-client.ts"
import { LogPlace, toLogKeys } from "./log-place.ts"
import { OPEN_SCRIPT, PROBE_SCRIPT } from "./log-scripts.ts"
import type { ScriptCall } from "./nodes/router.ts"
import { leaseRouter } from "./nodes/shared-router.ts"
import { readAbility } from "./server-ability.ts"
import { ValkeyBackend } from "./valkey-backend.ts"
import { notALog, toFault } from "./valkey-fault.ts"
import { toWay, toWriteLevel, type WriteLevel } from "./write-level.ts"

const VERSION = "1"
const MAX_BATCH_BYTES = 16_777_216
const POLL_MS = 30_000
const OPEN = "open the log"

/** What `openValkeyLog` takes. */
export interface ValkeyLogOptions {
  /**
   * `"write"`: one of any number of writers, that makes the log when there is none. `"read"`: a reader of a
   * log that is there. Default `"write"`.
   */
  readonly mode?: "write" | "read"
  /**
   * What an acknowledgement says. `"disk"`: the server has the records in its append-only file, and has
   * synced it. `"process"`: the server has them, and a power cut may take what its own settings let
   * it. Default: the strongest that the server can give.
   */
  readonly level?: "disk" | "process"
  /**
   * How many replicas have to have received a commit before it is acknowledged, which `WAIT` tells. With
   * 0 a fail-over may lose what was acknowledged; with as many as there are replicas, none of them can
   * take over without it. Default 0.
   */
  readonly replicas?: number
  /** What the keys of logs begin with: up to 256 characters without braces. Default `"bellmouth:"`. */
  readonly prefix?: string
  /**
   * The most bytes that one record, or one atomic batch, may take with its framing: 1 byte a
   * record, or 4 when one of the chunk's records holds an LF. More is refused with
   * `RECORD_TOO_LARGE` or `BATCH_TOO_LARGE`. Default 16 MiB (16,777,216).
   */
  readonly maxBatchBytes?: number
  /**
   * How long, in milliseconds, a command is tried again while connections are lost, servers start or
   * others take over; then it fails, and the log with it when it was a write. Default 30,000.
   */
  readonly timeoutMs?: number
  /**
   * How often, in milliseconds, a log that is followed is looked at without being told to, because
   * a message can be lost. Default 30,000.
   */
  readonly pollMs?: number
}

/** A log in Valkey. */
export interface ValkeyLog extends Log {
  /** Its name, as it was opened. */
  readonly name: string
  /** The key of its records; all its keys begin with it. */
  readonly key: string
}

/**
 * Opens a log in Valkey, or in Redis from 7.0 on, or makes one there. Any number of writers may have it open: what two
 * append at the same time is stored one after the other, and producers are judged by the server.
 *
 * @throws {TypeError} when the name is no string, or the client does not reply with bytes.
 * @throws {RangeError} when an option is not one it can have, or the name has over 512 bytes or a lone surrogate.
 * @throws {LogError} `NOT_A_LOG`, `UNSUPPORTED`, `UNSUPPORTED_VERSION`, `READ_FAILED` or `WRITE_FAILED`.
 *
 * @example Append in one process, follow in another
 * ```ts
 * import { fromIovalkey, openValkeyLog } from "@bellmouth/log-valkey"
 * import { Redis } from "iovalkey"
 *
 * const client = fromIovalkey(new Redis({ host: "valkey.example", lazyConnect: true }))
 * const append = async (records: ReadableStream<Uint8Array>) => {
 *   await using log = await openValkeyLog(client, "events")
 *   await records.pipeTo(log.writable())
 * }
 * const follow = async (destination: WritableStream) => {
 *   await using log = await openValkeyLog(client, "events", { mode: "read" })
 *   await log.replay({ follow: true }).pipeTo(destination)
 * }
 * ```
 */
export async function openValkeyLog(
  client: ValkeyClient,
  name: string,
  options: ValkeyLogOptions = {},
): Promise<ValkeyLog> {
  const { mode = "write", level, replicas = 0, prefix = PREFIX } = options
  const { maxBatchBytes = MAX_BATCH_BYTES, timeoutMs = TIMEOUT_MS, pollMs = POLL_MS } = options
  checkOneOf(OPEN, "mode", mode, ["write", "read"])
  checkOneOf(OPEN, "level", level ?? "disk", ["disk", "process"])
  checkPrefix(OPEN, prefix)
  checkWhole(OPEN, "maxBatchBytes", maxBatchBytes, { least: 1, most: 2 ** 28 })
  checkWhole(OPEN, "timeoutMs", timeoutMs, { least: 1, most: MAX_MS })
  checkWhole(OPEN, "pollMs", pollMs, { least: 1, most: MAX_MS })
  checkWhole(OPEN, "replicas", replicas, { least: 0, most: 1_000 })
  const token = await encodeLogName(name)
  const lease = leaseRouter(client)
  const placeAt = (at: string): LogPlace =>
    new LogPlace(lease.router, toLogKeys(prefix, at), timeoutMs)
  const place = placeAt(token)
  try {
    await lease.router.discover(timeoutMs)
    // What a replica can give says nothing of what it can once it has taken over.
    if (mode === "write") await place.send(await probe(place), { type: "write" })
    const writesToDisk = mode === "write" && level !== "process"
    const ability = await readAbility(place, writesToDisk)
    const writeLevel = toWriteLevel(level, replicas, ability)
    if (writesToDisk && writeLevel.level === "disk") lease.router.wantWholeFiles()
    const id = await (mode === "write" ? make(place, name, writeLevel) : find(place, name))
    const placeOf = async (other: string): Promise<LogPlace> => placeAt(await encodeLogName(other))
    const { hasTransactions } = ability
    const given = { maxBatchBytes, pollMs, hasTransactions }
    const init = { id, place, lease, mode, writeLevel, placeOf, ...given }
    return Object.assign(openLog(new ValkeyBackend(init)), { name, key: place.keys.records })
  } catch (cause) {
    lease.release()
    if (cause instanceof TypeError) throw cause
    const code = mode === "write" ? "WRITE_FAILED" : "READ_FAILED"
    throw toFault(code, `open the log ${JSON.stringify(name)}`, place.keys.records, cause)
  }
}

async function probe({ keys }: LogPlace): Promise<ScriptCall> {
  return { script: await toScript(PROBE_SCRIPT), keys: [keys.records], args: [] }
}

/** Makes the log when there is none, and has what is there on disk before anything is built on it. */
async function make(place: LogPlace, name: string, writeLevel: WriteLevel): Promise<string> {
  const { records, head } = place.keys
  const way = toWay(writeLevel, writeLevel.level)
  const reply = await place.run(OPEN_SCRIPT, [records, head], [crypto.randomUUID(), name], way)
  if (reply.length === 1) throw notALog(records, "there is something else at it")
  return toIdentity(reply, name, records)
}

async function find(place: LogPlace, name: string): Promise<string> {
  const { records, head } = place.keys
  const read = { type: "read" } as const
  const reply = toList(await place.send(["HMGET", head, "version", "id", "name"], read))
  if (reply[1] === null) throw notALog(records, "there is none")
  return toIdentity(reply, name, records)
}

function toIdentity(reply: readonly unknown[], name: string, key: string): string {
  const [version, id, stored] = reply.map((field) => (field === null ? "" : toText(field)))
  if (version !== VERSION) {
    throw new LogError(
      "UNSUPPORTED_VERSION",
      `Cannot open the log at ${key}: its version is ${version}, and ${VERSION} is known; update`,
      { path: key },
    )
  }
  if (stored !== name || id === undefined) {
    throw notALog(key, `it is the log ${JSON.stringify(stored)}`)
  }
  return id
}

import { type Offset, toOffset } from "@bellmouth/log"
import { toList, toNumber, toText } from "./client/reply.ts"
import { toScript } from "./client/script.ts"
import type { ValkeyArgument } from "./client/valkey-client.ts"
import type { Command } from "./client/wire.ts"
import type { Way } from "./nodes/node-link.ts"
import type { Router, ScriptCall } from "./nodes/router.ts"
import { notALog, toFault } from "./valkey-fault.ts"

/** The keys of a log; those of one log are in one slot. */
export interface LogKeys {
  /** The stream of records, and the channel that says that there are more. */
  readonly records: string
  /** The hash with the log's identity, start and tail. */
  readonly head: string
  /** The hash of the producers, by id. */
  readonly producers: string
  /** The hash of the latest batches of the producers. */
  readonly batches: string
  /** Where the records are within a transaction that adds to them, and at no other time. */
  readonly aside: string
}

export function toLogKeys(prefix: string, token: string): LogKeys {
  const records = `${prefix}{${token}}`
  return {
    records,
    head: `${records}:head`,
    producers: `${records}:producers`,
    batches: `${records}:batches`,
    aside: `${records}:aside`,
  }
}

/** How far a log reaches, as its server says. */
export interface LogRange {
  readonly start: Offset
  readonly tail: Offset
  readonly isSealed: boolean
  /** The most bytes that an entry has. */
  readonly largest: number
}

/** A log in a cluster, and how to ask for it. */
export class LogPlace {
  readonly router: Router
  readonly keys: LogKeys
  readonly timeoutMs: number

  constructor(router: Router, keys: LogKeys, timeoutMs: number) {
    this.router = router
    this.keys = keys
    this.timeoutMs = timeoutMs
  }

  send(command: Command | ScriptCall, way: Way): Promise<unknown> {
    const { router, timeoutMs } = this
    return router.request({ key: this.keys.records, command, way, timeoutMs })
  }

  /** Runs a script, and gives its reply as a list. */
  async run(
    text: string,
    keys: readonly string[],
    args: readonly ValkeyArgument[],
    way: Way,
  ): Promise<readonly unknown[]> {
    return toList(await this.send({ script: await toScript(text), keys, args }, way))
  }

  /**
   * Reads from the records of the log of `id`. Its identity is asked for behind them: a log that was removed never
   * comes back, so what was read before it was seen there is its own, and not of another of its name.
   *
   * @throws {LogError} `NOT_A_LOG` when the log is not that of `id` any more.
   */
  async read(id: string, command: Command): Promise<unknown> {
    const { records, head } = this.keys
    const read = { type: "read" } as const
    const identity = ["HMGET", head, "id"]
    const [found, seen] = await this.router.attempt(records, [command, identity], read)
    if (found !== undefined && "reply" in found && seen !== undefined && "reply" in seen) {
      checkIdentity(toList(seen.reply)[0], id, head)
      return found.reply
    }
    // A connection was lost, or the log is elsewhere by now.
    const reply = await this.send(command, read)
    checkIdentity(toList(await this.send(identity, read))[0], id, head)
    return reply
  }

  /** @throws {LogError} `NOT_A_LOG` when the log is not that of `id` any more; `READ_FAILED`. */
  async range(id: string): Promise<LogRange> {
    const { head } = this.keys
    const fields = ["id", "start", "tail", "sealed", "largest"]
    const read = { type: "read" } as const
    try {
      const row = toList(await this.send(["HMGET", head, ...fields], read))
      return toLogRange(row, id, head)
    } catch (cause) {
      throw toFault("READ_FAILED", "read the log", head, cause)
    }
  }
}

function toLogRange(row: readonly unknown[], id: string, key: string): LogRange {
  const [seen, start, tail, sealed, largest] = row
  checkIdentity(seen, id, key)
  return {
    start: toOffset(toNumber(start)),
    tail: toOffset(toNumber(tail)),
    isSealed: sealed !== null,
    largest: toNumber(largest),
  }
}

function checkIdentity(seen: unknown, id: string, key: string): void {
  if (seen === null || seen === undefined) throw notALog(key, "the log was removed")
  if (toText(seen) !== id) {
    throw notALog(key, "the log was removed, and another was made there")
  }
}

/** One word of a command. A string is sent as UTF-8. */
export type ValkeyArgument = string | Uint8Array

/** Where a server listens. */
export interface ValkeyNode {
  /** Undefined: at the host that the client was made for, as a server has no other name for itself. */
  readonly host: string | undefined
  readonly port: number
}

/** What a connection tells without being asked. */
export interface ValkeyEvents {
  /** A message has come on a sharded channel. */
  message(channel: string): void
  /** The connection has ended, whoever has ended it. Called once at least. */
  closed(): void
  /** Aborted when the connection is not waited for any more, because it is not there yet: what there is of it is to be closed. */
  readonly signal: AbortSignal
}

/**
 * One connection to one server, that never reconnects by itself and never sends a command twice: what
 * becomes of a command whose reply was lost is up to the log.
 */
export interface ValkeyConnection {
  /**
   * Sends a command; commands of one turn go out in the order of the calls, with nothing between them. Gives the reply with
   * `Uint8Array`s for bulk strings and numbers for integers, and rejects with an error whose message
   * is that of the server, from its code on. The bytes of a command are lent until it settles.
   */
  send(command: readonly ValkeyArgument[]): Promise<unknown>
  /** Subscribes to a sharded channel. Such a connection is sent no other command. */
  subscribe(channel: string): Promise<unknown>
  unsubscribe(channel: string): Promise<unknown>
  /** Ends the connection at once. */
  close(): void
}

/**
 * What a log asks of a client library: connections. All logs that are opened with one client share
 * its connections: for each server they use one to write, one to read and one to be woken by. The
 * last log that closes closes them.
 *
 * @example A client of one's own
 * ```ts
 * import assert from "node:assert/strict"
 * import { openValkeyLog, type ValkeyClient } from "@bellmouth/log-valkey"
 *
 * const offline: ValkeyClient = {
 *   connect: async () => {
 *     throw new Error("no network here")
 *   },
 * }
 * await assert.rejects(openValkeyLog(offline, "events", { timeoutMs: 20 }), { code: "WRITE_FAILED" })
 * ```
 */
export interface ValkeyClient {
  /** Connects to a server; without one named, to the one that the client was made for. */
  connect(node: ValkeyNode | undefined, events: ValkeyEvents): Promise<ValkeyConnection>
}

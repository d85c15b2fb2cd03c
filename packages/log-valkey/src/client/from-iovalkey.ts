import { toClientArguments } from "./client-bytes.ts"
import { type WritingConnection, writeLent } from "./lent-writes.ts"
import type { ValkeyClient, ValkeyNode } from "./valkey-client.ts"

/** What is used of an instance of `Redis` of iovalkey or ioredis. */
export interface IovalkeyLike extends WritingConnection {
  /** The socket. */
  readonly stream?: { destroy(): unknown }
  duplicate(override: Record<string, unknown>): IovalkeyLike
  connect(): Promise<unknown>
  callBuffer(command: string, args: never[]): Promise<unknown>
  ssubscribe(channel: string): Promise<unknown>
  sunsubscribe(channel: string): Promise<unknown>
  disconnect(): void
  on(event: string, listener: (channel: string) => void): unknown
}

const SETTINGS = {
  lazyConnect: true,
  retryStrategy: null,
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
  autoResubscribe: false,
  enableOfflineQueue: false,
  enableReadyCheck: false,
  enableAutoPipelining: false,
  keyPrefix: "",
}

/**
 * Makes a client of an instance of `Redis` of `iovalkey`, or of `ioredis`. Its options are taken
 * over, addresses, passwords and TLS among them; the instance itself is not used, so make it with
 * `lazyConnect: true`. For a cluster give one that knows any of its servers; the log finds the others.
 *
 * @example A log in Valkey
 * ```ts
 * import { fromIovalkey, openValkeyLog } from "@bellmouth/log-valkey"
 * import { Redis } from "iovalkey"
 *
 * const client = fromIovalkey(new Redis({ host: "valkey.example", lazyConnect: true }))
 * const openEvents = () => openValkeyLog(client, "events")
 * ```
 */
export function fromIovalkey(redis: IovalkeyLike): ValkeyClient {
  return {
    async connect(node, { message, closed, signal }) {
      const connection = redis.duplicate({ ...SETTINGS, ...toAddress(node) })
      // A command that was sent rejects with it. What else there is, such as a channel that has
      // moved to another server, is met by a new connection.
      const close = (): void => {
        // What is not written yet may be lent, and is not for much longer.
        connection.stream?.destroy()
        connection.disconnect()
      }
      connection.on("error", close)
      connection.on("close", closed)
      connection.on("smessage", message)
      signal.addEventListener("abort", close)
      await connection.connect()
      writeLent(connection)
      const toArguments = toClientArguments(
        await connection.callBuffer("echo", ["bytes"] as never[]),
      )
      return {
        send: ([name = "", ...words]) => connection.callBuffer(String(name), toArguments(words)),
        subscribe: (channel) => connection.ssubscribe(channel),
        unsubscribe: (channel) => connection.sunsubscribe(channel),
        close,
      }
    },
  }
}

function toAddress(node: ValkeyNode | undefined): Record<string, unknown> {
  if (node === undefined) return {}
  const { host, port } = node
  return host === undefined ? { port } : { host, port, path: undefined }
}

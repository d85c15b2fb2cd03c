import { toClientArguments } from "./client-bytes.ts"
import type { ValkeyClient } from "./valkey-client.ts"

/** What is used of a client of the package `redis`. */
export interface NodeRedisLike {
  readonly options: { readonly socket?: object }
  duplicate(overrides: Record<string, unknown>): NodeRedisLike
  connect(): Promise<unknown>
  sendCommand(command: never[]): Promise<unknown>
  sSubscribe(channel: string, listener: (message: unknown, channel: unknown) => void): Promise<void>
  sUnsubscribe(channel: string): Promise<void>
  destroy(): void
  on(event: string, listener: () => void): unknown
}

/**
 * Makes a client of one of the package `redis` (node-redis), made with
 * `commandOptions: { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } }`: records are bytes. Its
 * options are taken over; the client itself is not used, and need not be connected.
 *
 * @example A log by way of node-redis
 * ```ts
 * import { fromNodeRedis, openValkeyLog } from "@bellmouth/log-valkey"
 * import { createClient, RESP_TYPES } from "redis"
 *
 * const commandOptions = { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } }
 * const client = fromNodeRedis(createClient({ url: "redis://valkey.example", commandOptions }))
 * const openEvents = () => openValkeyLog(client, "events")
 * ```
 */
export function fromNodeRedis(client: NodeRedisLike): ValkeyClient {
  return {
    async connect(node, { message, closed, signal }) {
      const address = node?.host === undefined ? { port: node?.port } : node
      const socket = {
        ...client.options.socket,
        ...(node && address),
        reconnectStrategy: false,
      }
      const connection = client.duplicate({ socket, disableOfflineQueue: true })
      // A command that was sent rejects with it.
      connection.on("error", closed)
      connection.on("end", closed)
      connection.on("sharded-channel-moved", () => connection.destroy())
      signal.addEventListener("abort", () => connection.destroy())
      await connection.connect()
      const toArguments = toClientArguments(
        await connection.sendCommand(["ECHO", "bytes"] as never[]),
      )
      return {
        send: (command) => connection.sendCommand(toArguments(command)),
        subscribe: (channel) => connection.sSubscribe(channel, () => message(channel)),
        unsubscribe: (channel) => connection.sUnsubscribe(channel),
        close: () => connection.destroy(),
      }
    },
  }
}

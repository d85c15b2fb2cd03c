import { once } from "node:events"
import { createServer, type Socket } from "node:net"
import { fromIovalkey, type ValkeyClient } from "@bellmouth/log-valkey"
import { Redis as IoRedis } from "ioredis"
import { Redis } from "iovalkey"
import { describe, expect, test } from "vitest"

/** More than the sockets of both sides hold. */
const LONG = 64 * 1_048_576
const OLD = 0x61
const NEW = 0x62

const CLIENTS: Readonly<Record<string, (port: number) => ValkeyClient>> = {
  iovalkey: (port) => fromIovalkey(new Redis({ port, lazyConnect: true })),
  ioredis: (port) => fromIovalkey(new IoRedis({ port, lazyConnect: true })),
}

describe("bytes that are lent to a client", () => {
  for (const [name, clientOf] of Object.entries(CLIENTS)) {
    test(`${name} sends none of them once its connection was closed`, async () => {
      await using server = await startStalled()
      const connection = await clientOf(server.port).connect(undefined, {
        message() {},
        closed() {},
        signal: new AbortController().signal,
      })
      const bytes = new Uint8Array(LONG).fill(OLD)
      const sending = connection.send(["SET", "key", bytes])
      sending.catch(() => {})
      await server.stalled
      connection.close()
      bytes.fill(NEW)
      const seen = await server.rest()
      await expect(sending).rejects.toThrow()
      expect(seen.length).toBeGreaterThan(0)
      expect(seen.length).toBeLessThan(LONG)
      expect(seen.includes(NEW)).toBe(false)
    })
  }
})

interface Stalled extends AsyncDisposable {
  readonly port: number
  /** Settles when a command has begun that is not read on. */
  readonly stalled: Promise<void>
  /** Reads on, and gives what came since. */
  rest(): Promise<Buffer>
}

/** A server that answers to short commands, and stops reading when a long one has begun. */
async function startStalled(): Promise<Stalled> {
  const stalled = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<void>()
  const parts: Buffer[] = []
  let socket: Socket | undefined
  const server = createServer((connection) => {
    socket = connection
    connection.on("error", () => ended.resolve())
    connection.on("close", () => ended.resolve())
    connection.on("data", (data) => {
      const text = data.subarray(0, 1_000).toString("latin1").toLowerCase()
      if (text.includes("$3\r\nset\r\n") || parts.length > 0) {
        parts.push(data)
        connection.pause()
        return stalled.resolve()
      }
      const isEcho = text.includes("echo")
      for (let at = text.indexOf("*"); at >= 0; at = text.indexOf("*", at + 1)) {
        connection.write(isEcho ? "$5\r\nbytes\r\n" : "+OK\r\n")
      }
    })
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  if (address === null || typeof address === "string") throw new Error("no port")
  return {
    port: address.port,
    stalled: stalled.promise,
    async rest() {
      socket?.removeAllListeners("data")
      socket?.on("data", (data) => parts.push(data))
      socket?.resume()
      await ended.promise
      return Buffer.concat(parts)
    },
    async [Symbol.asyncDispose]() {
      socket?.destroy()
      server.close()
    },
  }
}

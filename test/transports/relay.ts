import { once } from "node:events"
import { createServer } from "node:http"
import type { Transport } from "@bellmouth/mux"
import { toUpgradeHandler } from "@bellmouth/node"
import { WebSocketServer } from "ws"

/** A server that joins every two sockets which ask for the same path. */
export interface Relay extends AsyncDisposable {
  /** Where it is reached, without a path. */
  readonly url: string
}

/** Starts a relay for pages of one origin. */
export async function startRelay(origin: string): Promise<Relay> {
  const waiting = new Map<string, Transport>()
  const onUpgrade = toUpgradeHandler(
    (transport, { url = "" }) => {
      const peer = waiting.get(url)
      if (peer === undefined) return void waiting.set(url, transport)
      waiting.delete(url)
      // Each end sees what becomes of the other.
      transport.readable.pipeTo(peer.writable).catch(() => {})
      peer.readable.pipeTo(transport.writable).catch(() => {})
    },
    { WebSocketServer, origins: [origin] },
  )
  const server = createServer().on("upgrade", onUpgrade).listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  const port = typeof address === "object" && address !== null ? address.port : 0
  return {
    url: `ws://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
    },
  }
}

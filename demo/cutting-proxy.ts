import { once } from "node:events"
import { connect, createServer, type Socket } from "node:net"
import type { Random } from "./random.ts"

export interface CuttingProxy extends AsyncDisposable {
  readonly url: string
  /** How many connections were cut so far. */
  readonly cuts: number
}

/**
 * Stands between a client and a server on TCP and cuts connection after connection, each after its
 * number of bytes of answer, wherever that falls: in the headers, in a chunk, in a character. Half
 * of the cuts end the connection, half reset it. When `lengths` are used up it cuts no more.
 */
export async function startCuttingProxy(
  port: number,
  lengths: readonly number[],
  random: Random,
): Promise<CuttingProxy> {
  const left = [...lengths]
  const sockets = new Set<Socket>()
  let cuts = 0
  const server = createServer((client) => {
    const upstream = connect(port, "127.0.0.1")
    const both = [client, upstream] as const
    for (const socket of both) {
      sockets.add(socket)
      socket.on("close", () => sockets.delete(socket))
      // The other half is what reacts; the end of one is the end of both.
      socket.on("error", () => {})
      socket.on("close", () => both.forEach((each) => void each.destroy()))
    }
    client.pipe(upstream)
    let budget = left.shift() ?? Number.POSITIVE_INFINITY
    upstream.on("data", (chunk) => {
      const part = chunk.subarray(0, budget)
      budget -= part.length
      const hasRoom = client.write(part)
      if (budget === 0) {
        cuts++
        upstream.destroy()
        if (random() < 0.5) client.resetAndDestroy()
        else client.destroySoon()
      } else if (!hasRoom) {
        upstream.pause()
        client.once("drain", () => upstream.resume())
      }
    })
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  if (typeof address !== "object" || address === null) throw new Error("Cannot start the proxy")
  return {
    url: `http://127.0.0.1:${address.port}/`,
    get cuts() {
      return cuts
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close")
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

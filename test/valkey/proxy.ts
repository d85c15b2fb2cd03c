import { connect, createServer, type Socket } from "node:net"

/** A relay before a server, that cuts a connection within a reply. */
export interface Proxy extends AsyncDisposable {
  readonly port: number
  /** How many connections were cut, */
  readonly cuts: number
  /** and how many bytes of replies went through since the last one was armed. */
  readonly passed: number
  /** Cuts the next connection that a command passes through, once it was given so many bytes in reply. */
  arm(replyBytes: number): void
}

export async function startProxy(host: string, port: number): Promise<Proxy> {
  let left: number | undefined
  let armed: Socket | undefined
  let passed = 0
  let cuts = 0
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(port, host)
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      // A cut is what this is for.
      socket.on("error", () => {})
      socket.on("close", () => {
        sockets.delete(socket)
        client.destroy()
        upstream.destroy()
      })
    }
    client.on("data", (bytes) => {
      if (left !== undefined && armed === undefined) armed = client
      upstream.write(bytes)
    })
    upstream.on("data", (bytes: Buffer) => {
      if (armed !== client || left === undefined) {
        client.write(bytes)
        return
      }
      if (bytes.length < left) {
        client.write(bytes)
        left -= bytes.length
        passed += bytes.length
        return
      }
      const part = bytes.subarray(0, left)
      passed += part.length
      left = undefined
      armed = undefined
      cuts++
      if (part.length === 0) client.destroy()
      else client.write(part, () => client.destroy())
    })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    get cuts() {
      return cuts
    },
    get passed() {
      return passed
    },
    arm(replyBytes) {
      left = replyBytes
      armed = undefined
      passed = 0
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

import { connect } from "@bellmouth/mux"
import { globalOf } from "./runtime-subjects.ts"
import { serveSessions } from "./serve-sessions.ts"
import { type Claimed, claimOf } from "./session-claims.ts"

type Stream = ReadableWritablePair<Uint8Array, Uint8Array>

interface WebTransportLike {
  readonly ready: Promise<unknown>
  readonly incomingBidirectionalStreams: ReadableStream<Stream>
  createBidirectionalStream(): Promise<Stream>
  close(): void
}

type WebTransportConstructor = new (
  url: string,
  options: { serverCertificateHashes: readonly { algorithm: string; value: Uint8Array }[] },
) => WebTransportLike

interface QuicConnectionLike {
  readonly handshake: Promise<unknown>
}

interface DenoLike {
  QuicEndpoint: new (options: {
    hostname: string
    port: number
  }) => {
    readonly addr: { readonly port: number }
    listen(options: { cert: string; key: string; alpnProtocols: readonly string[] }): {
      accept(): Promise<QuicConnectionLike>
    }
    close(): void
  }
  upgradeWebTransport(connection: QuicConnectionLike): Promise<WebTransportLike>
}

/** Puts the claims to a session over a stream of WebTransport, to a server in this process. */
export async function main(
  emit: (value: Claimed) => void,
  [cert = "", key = "", hash = ""]: readonly string[],
): Promise<void> {
  const deno = globalOf("Deno") as DenoLike
  const endpoint = new deno.QuicEndpoint({ hostname: "localhost", port: 0 })
  const accepting = (async () => {
    const connection = await endpoint.listen({ cert, key, alpnProtocols: ["h3"] }).accept()
    await connection.handshake
    const server = await deno.upgradeWebTransport(connection)
    await server.ready
    return server
  })()
  const WebTransport = globalOf("WebTransport") as WebTransportConstructor
  const value = Uint8Array.from(atob(hash), (character) => character.charCodeAt(0))
  const trusted = { serverCertificateHashes: [{ algorithm: "sha-256", value }] }
  const client = new WebTransport(`https://localhost:${endpoint.addr.port}/`, trusted)
  await client.ready
  const server = await accepting
  const session = connect(await client.createBidirectionalStream())
  const { value: stream } = await server.incomingBidirectionalStreams.getReader().read()
  if (stream === undefined) throw new Error("No stream came")
  const served = serveSessions(stream)
  await claimOf(session, emit)
  await served.closed
  client.close()
  endpoint.close()
}

import { connect as connectSocket, createServer, type Socket } from "node:net"
import { parseArgs } from "node:util"
import { connect, type Transport } from "@bellmouth/mux"
import { socketTransport, stdioTransport } from "@bellmouth/node"
import { driveMethods } from "./checks.ts"
import { serveMethods } from "./methods.ts"

/** Our peer as a program: `mux-peer.ts serve|drive [--tcp host:port]`, else over standard input and output. */
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { tcp: { type: "string" } },
})

/** Node keeps standard output open until it exits, and so may the other side: one has to go first. */
const CLOSE_TIMEOUT_MS = 100

async function run(transport: Transport): Promise<void> {
  const session = connect(transport, { closeTimeoutMs: CLOSE_TIMEOUT_MS })
  if (positionals[0] === "serve") {
    serveMethods(session)
    await session.closed
    return
  }
  for (const name of await driveMethods(session)) console.error(`ok ${name}`)
  await session.close()
}

if (values.tcp === undefined) await run(stdioTransport())
else if (positionals[0] === "drive")
  await run(socketTransport(connectSocket(toAddress(values.tcp))))
else {
  const server = createServer({ allowHalfOpen: true }, (socket: Socket) => {
    run(socketTransport(socket)).catch((error: unknown) => console.error(String(error)))
  })
  server.listen(toAddress(values.tcp), () => {
    const address = server.address()
    console.error(typeof address === "object" ? address?.port : address)
  })
}

function toAddress(text: string): { host: string; port: number } {
  const [host = "127.0.0.1", port = "0"] = text.split(":")
  return { host, port: Number(port) }
}

import { spawn } from "node:child_process"
import { type EventEmitter, once } from "node:events"
import { connect as connectHttp2, createServer as createHttp2Server } from "node:http2"
import { connect, createServer, type Server, type Socket } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Writable } from "node:stream"
import { connect as connectTls, createServer as createTlsServer } from "node:tls"
import { type TransportEnds, transportConformance } from "@bellmouth/mux/testing"
import { afterAll, describe, expect, test } from "vitest"
import { http2Transport } from "./http2-transport.ts"
import { socketTransport } from "./socket-transport.ts"
import { childTransport } from "./stdio-transport.ts"

const opened: { close(): unknown }[] = []
afterAll(() => {
  for (const each of opened) each.close()
})

const EVENTS = ["data", "end", "drain", "error", "close"]

/** The listeners of the transports: what an emitter has more than before. */
function watch(emitters: readonly EventEmitter[], names = EVENTS): () => string[] {
  const count = (): number[] =>
    emitters.flatMap((each) => names.map((name) => each.listenerCount(name)))
  const before = count()
  return () => {
    const now = count()
    return names.flatMap((name, n) => ((now[n] ?? 0) > (before[n] ?? 0) ? [name] : []))
  }
}

async function listen(server: Server, at: number | string): Promise<number | string> {
  opened.push(server)
  await once(server.listen(at), "listening")
  const address = server.address()
  return typeof address === "object" && address !== null ? address.port : String(address)
}

/** The ends of a socket whose other side is being accepted; `below` is what the network would lose. */
async function endsOf(
  client: Socket,
  accepting: Promise<Socket[]>,
  below?: Socket,
): Promise<TransportEnds> {
  const [accepted] = await accepting
  if (accepted === undefined) throw new Error("Cannot accept: no socket came")
  const remains = watch([accepted])
  return {
    first: socketTransport(client),
    second: socketTransport(accepted),
    remains,
    lose: () => (below ?? accepted).resetAndDestroy(),
  }
}

function socketEnds(server: Server, at: number | string): Promise<TransportEnds> {
  const accepting = once(server, "connection")
  const to = typeof at === "number" ? { port: at, host: "127.0.0.1" } : { path: at }
  return endsOf(connect(to), accepting)
}

const tcp = createServer()
const tcpPort = await listen(tcp, 0)
const unix = createServer()
const unixPath = await listen(unix, join(tmpdir(), `bellmouth-transport-${process.pid}`))
// A key that both know needs no certificate.
const psk = Buffer.alloc(32, 7)
const psks = { ciphers: "PSK", minVersion: "TLSv1.2", maxVersion: "TLSv1.2" } as const
const tls = createTlsServer({ ...psks, pskCallback: () => psk, allowHalfOpen: true })
const tlsPort = await listen(tls, 0)

function tlsEnds(): Promise<TransportEnds> {
  const accepting = once(tls, "secureConnection")
  const below = connect(Number(tlsPort), "127.0.0.1")
  const client = connectTls({
    ...psks,
    socket: below,
    pskCallback: () => ({ psk, identity: "test" }),
    checkServerIdentity: () => undefined,
  })
  return endsOf(client, accepting, below)
}

const http2 = createHttp2Server()
opened.push(http2)
await once(http2.listen(0, "127.0.0.1"), "listening")
const http2Address = http2.address()
const http2Port = typeof http2Address === "object" ? http2Address?.port : 0

async function http2Ends(): Promise<TransportEnds> {
  const accepting = once(http2, "stream")
  const session = connectHttp2(`http://127.0.0.1:${http2Port}`)
  session.on("error", () => {}) // told by its stream
  const client = session.request({ ":method": "POST" })
  const [accepted] = await accepting
  const remains = watch([accepted], ["data", "drain", "error"])
  return {
    first: http2Transport(client),
    second: http2Transport(accepted),
    remains,
    lose: () => session.destroy(),
    dispose: () => session.destroy(),
  }
}

/** Two pipes through a process, one each way, with both far ends here as well. */
async function childEnds(): Promise<TransportEnds> {
  const child = spawn("sh", ["-c", "exec 5<&0; cat <&5 >&4 3<&- 1>&4 & exec cat <&3 4>&- 5<&-"], {
    stdio: ["pipe", "pipe", "inherit", "pipe", "pipe"],
  })
  const { stdin, stdout } = child
  const [, , , input, output] = child.stdio
  if (stdin === null || stdout === null) throw new Error("Cannot spawn: no pipes")
  const far = Object.assign(Object.create(child), { stdin: input, stdout: output })
  const remains = watch([stdin, stdout])
  return {
    first: childTransport(child),
    second: childTransport(far),
    remains,
    dispose: () => void child.kill(),
  }
}

const subjects = {
  TCP: { connect: () => socketEnds(tcp, tcpPort), abort: true, lose: true, maxUnreadBytes: 16e6 },
  "a Unix socket": {
    connect: () => socketEnds(unix, unixPath),
    abort: false,
    lose: false,
    maxUnreadBytes: 4e6,
  },
  TLS: { connect: tlsEnds, abort: false, lose: true, maxUnreadBytes: 16e6 },
  "HTTP/2": { connect: http2Ends, abort: true, lose: true, maxUnreadBytes: 4e6 },
  "standard input and output": {
    connect: childEnds,
    abort: false,
    lose: false,
    maxUnreadBytes: 4e6,
  },
}

describe.each(Object.entries(subjects))("%s", (_, { connect: make, ...supports }) => {
  const cases = transportConformance({
    supports: { halfClose: true, remains: true, ...supports },
    connect: make,
  })
  for (const { name, run, skip } of cases) test.skipIf(skip !== undefined)(name, run)
})

test("A child that echoes by stdioTransport ends when its input has, with all that it was sent", async () => {
  const module = new URL("./stdio-transport.ts", import.meta.url).href
  const code = `const { stdioTransport } = await import(${JSON.stringify(module)})
    const { readable, writable } = stdioTransport()
    await readable.pipeTo(writable)`
  const child = spawn(process.execPath, ["--input-type=module", "-e", code], {
    stdio: ["pipe", "pipe", "inherit"],
  })
  const { readable, writable } = childTransport(child)
  const writer = writable.getWriter()
  const writing = (async () => {
    for (let n = 0; n < 100; n++) await writer.write(new Uint8Array(10_000).fill(n))
    await writer.close()
  })()
  let bytes = 0
  let last: number | undefined
  for await (const chunk of readable) {
    bytes += chunk.length
    last = chunk.at(-1)
  }
  await writing
  expect([bytes, last]).toEqual([1_000_000, 99])
})

test("A child that closes its input goes on with its output", async () => {
  const script = "exec <&-; printf closed; read _ <&3; printf ' and on'"
  const child = spawn("sh", ["-c", script], { stdio: ["pipe", "pipe", "inherit", "pipe"] })
  const { readable, writable } = childTransport(child)
  const reader = readable.getReader()
  expect(new TextDecoder().decode((await reader.read()).value)).toBe("closed")
  const writer = writable.getWriter()
  const failed = writer.closed.catch((error: unknown) => error)
  while (
    (await Promise.race([failed, writer.write(new Uint8Array(1)).catch(() => 0)])) === undefined
  );
  expect(await failed).toMatchObject({ code: "CONNECTION_LOST" })
  const [, , , go] = child.stdio
  if (go instanceof Writable) go.end("\n")
  expect(new TextDecoder().decode((await reader.read()).value)).toBe(" and on")
  expect((await reader.read()).done).toBe(true)
})

test("A child without pipes is refused", async () => {
  const child = spawn("true", { stdio: "ignore" })
  expect(() => childTransport(child)).toThrow(TypeError)
  await once(child, "exit")
})

test("A program that can not be started fails with CONNECT_FAILED, and harms nobody", async () => {
  const early = childTransport(spawn("/nowhere/at/all"))
  const child = spawn("/nowhere/at/all")
  await once(child, "error").catch(() => {}) // It rejects with the error that it waits for.
  const late = childTransport(child)
  const failed = { code: "CONNECT_FAILED", message: expect.stringContaining("look at its path") }
  for (const { readable, writable } of [early, late]) {
    const writing = writable.getWriter().write(new Uint8Array(1))
    await expect(readable.getReader().read()).rejects.toMatchObject(failed)
    await expect(writing).rejects.toMatchObject(failed)
  }
  const { readable } = childTransport(spawn("/nowhere/at/all"))
  await expect(readable.getReader().closed).rejects.toMatchObject({ cause: { code: "ENOENT" } })
})

test("What can not be reached fails with CONNECT_FAILED", async () => {
  const closed = createServer()
  const port = await listen(closed, 0)
  closed.close()
  const { readable, writable } = socketTransport(connect(Number(port), "127.0.0.1"))
  const writing = writable.getWriter().write(new Uint8Array(1))
  await expect(readable.getReader().read()).rejects.toMatchObject({
    code: "CONNECT_FAILED",
    cause: { code: "ECONNREFUSED" },
  })
  await expect(writing).rejects.toMatchObject({ code: "CONNECT_FAILED" })
})

test("A TLS handshake that fails is CONNECT_FAILED, too", async () => {
  const wrong = { ...psks, pskCallback: () => ({ psk: Buffer.alloc(32, 8), identity: "test" }) }
  const refused = once(tls, "tlsClientError")
  const socket = connectTls({ ...wrong, host: "127.0.0.1", port: Number(tlsPort) })
  const { readable, writable } = socketTransport(socket)
  const writing = writable.getWriter().write(new Uint8Array(1))
  const failed = { code: "CONNECT_FAILED", cause: { code: expect.stringContaining("SSL") } }
  await expect(readable.getReader().read()).rejects.toMatchObject(failed)
  await expect(writing).rejects.toMatchObject({ code: "CONNECT_FAILED" })
  await refused
})

test.each(["no", ""])(
  "An HTTP/2 server's other status is told, with %j behind it",
  async (body) => {
    const refusing = createHttp2Server((_, response) => {
      response.writeHead(404)
      response.end(body)
    })
    opened.push(refusing)
    await once(refusing.listen(0, "127.0.0.1"), "listening")
    const address = refusing.address()
    const session = connectHttp2(
      `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`,
    )
    const { readable, writable } = http2Transport(session.request({ ":method": "POST" }))
    const writing = writable.getWriter().write(new Uint8Array(1))
    const refusal = { code: "CONNECT_FAILED", message: expect.stringContaining("404") }
    await expect(readable.getReader().read()).rejects.toMatchObject(refusal)
    await expect(writing).rejects.toMatchObject(refusal)
    session.destroy()
  },
)

test("A socket that is over already ends in order, and refuses what is written", async () => {
  const server = createServer((socket) => socket.end())
  const socket = connect(Number(await listen(server, 0)), "127.0.0.1").resume()
  await once(socket, "close")
  expect([socket.destroyed, socket.readableEnded]).toEqual([true, true])
  const { readable, writable } = socketTransport(socket)
  expect(await readable.getReader().read()).toEqual({ value: undefined, done: true })
  const writer = writable.getWriter()
  const lost = { code: "CONNECTION_LOST" }
  await expect(writer.write(new Uint8Array(1))).rejects.toMatchObject(lost)
  await expect(writer.closed).rejects.toMatchObject(lost)
})

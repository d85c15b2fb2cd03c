import { getEventListeners, once } from "node:events"
import { readdirSync } from "node:fs"
import { connect as connectSocket, createServer, type Socket } from "node:net"
import { setImmediate as nextTurn } from "node:timers/promises"
import { duplexPair } from "@bellmouth/core"
import { type Channel, connect, type Session } from "@bellmouth/mux"
import { socketTransport } from "@bellmouth/node"
import { collectGarbage } from "../garbage.ts"

/** What is left once all was closed; of the part that ran. */
export interface Left {
  readonly opened: number
  readonly sessions?: number
  readonly channels?: number
  /** Of the heap in use, with each pair of sessions. */
  readonly slopeBytes?: number
  readonly listeners?: number
  /** The listeners while all was open. */
  readonly listenersBefore?: number
  readonly descriptors?: number
  readonly descriptorsBefore?: number
}

const PARTS: Readonly<Record<string, () => Promise<Left>>> = {
  sessions,
  channels,
  slope,
  listeners,
  tcp,
}
const BODY = Uint8Array.of(1, 2, 3)

const [name = "", leak = ""] = process.argv.slice(2)
const part = PARTS[name]
if (part === undefined) throw new RangeError(`Cannot look for leaks of ${name}`)
/** What a leaking program would keep. */
const kept: unknown[] = []
const isLeaking = leak === "--leak"
process.stdout.write(`${JSON.stringify(await part())}\n`)

/** A thousand sessions, each with a channel and a request. */
async function sessions(): Promise<Left> {
  const born: WeakRef<object>[] = []
  for (let n = 0; n < 500; n++) await talk(born)
  await settle()
  return { opened: born.length, sessions: alive(born) }
}

/** A thousand channels of one session that goes on. */
async function channels(): Promise<Left> {
  const [client, server] = pair()
  const born: WeakRef<object>[] = []
  server.serve((channel) => {
    born.push(new WeakRef(channel))
    return channel.readable.pipeTo(channel.writable)
  })
  for (let n = 0; n < 500; n++) await echo(client, born)
  await settle()
  const left = { opened: born.length, channels: alive(born) }
  await Promise.all([client.abort(), server.abort()])
  return left
}

/** What the heap grows by with each pair of sessions, by least squares over the rounds. */
async function slope(): Promise<Left> {
  const [rounds, each] = [12, 100]
  const points: number[] = []
  // The first rounds compile.
  for (let round = -5; round < rounds; round++) {
    for (let n = 0; n < each; n++) {
      await talk([])
      if (isLeaking) kept.push(Array.from({ length: 16 }, () => n))
    }
    await settle()
    if (round >= 0) points.push(process.memoryUsage().heapUsed)
  }
  const middle = (rounds - 1) / 2
  const [above, below] = points.reduce(
    ([up, down], bytes, at) => [up + (at - middle) * bytes, down + (at - middle) ** 2],
    [0, 0],
  )
  return { opened: rounds * each, slopeBytes: above / below / each }
}

/** A signal that outlives what was opened with it. */
async function listeners(): Promise<Left> {
  const { signal } = new AbortController()
  const [client, server] = pair()
  const isOpen = Promise.withResolvers<void>()
  server.serve(async (channel) => {
    await isOpen.promise
    await channel.readable.pipeTo(channel.writable)
  })
  server.handle(async (body) => {
    await isOpen.promise
    return body
  })
  const opened = Array.from({ length: 20 }, () => client.open(BODY, { signal }))
  const requests = Array.from({ length: 20 }, () => client.request(BODY, { signal }))
  const listenersBefore = getEventListeners(signal, "abort").length
  isOpen.resolve()
  await Promise.all([...opened.map(finishEcho), ...requests])
  const listeners = getEventListeners(signal, "abort").length
  await Promise.all([client.close(), server.closed])
  return { opened: opened.length + requests.length, listeners, listenersBefore }
}

/** Sessions over TCP; when they have ended the process has nothing left to do. */
async function tcp(): Promise<Left> {
  const server = createServer()
  await once(server.listen(0, "127.0.0.1"), "listening")
  const address = server.address()
  if (address === null || typeof address === "string") throw new Error("No port was given")
  const descriptorsBefore = countDescriptors()
  for (let n = 0; n < 20; n++) {
    const accepted: Promise<Socket[]> = once(server, "connection")
    const client = connect(socketTransport(connectSocket(address.port, "127.0.0.1")))
    const [socket] = await accepted
    if (socket === undefined) throw new Error("No connection was accepted")
    const peer = connect(socketTransport(socket))
    peer.handle((body) => body)
    await client.request(BODY)
    // A session that nobody closes keeps its socket.
    if (!isLeaking) await Promise.all([client.close(), peer.closed])
  }
  // Sockets are closed in a later turn than their sessions.
  for (let n = 0; n < 1000 && countDescriptors() > descriptorsBefore; n++) await nextTurn()
  const descriptors = countDescriptors()
  server.close()
  return { opened: 20, descriptors, descriptorsBefore }
}

function countDescriptors(): number {
  return process.platform === "linux" ? readdirSync("/proc/self/fd").length : 0
}

/** Two sessions that open, ask and close. */
async function talk(born: WeakRef<object>[]): Promise<void> {
  const [client, server] = pair()
  born.push(new WeakRef(client), new WeakRef(server))
  server.serve((channel) => channel.readable.pipeTo(channel.writable))
  server.handle((body) => body)
  await Promise.all([echo(client, []), client.request(BODY)])
  await Promise.all([client.close(), server.closed])
}

function pair(): [Session, Session] {
  const [here, there] = duplexPair<Uint8Array>()
  return [connect(here), connect(there)]
}

async function echo(client: Session, born: WeakRef<object>[]): Promise<void> {
  const channel = client.open(BODY)
  born.push(new WeakRef(channel))
  await finishEcho(channel)
}

async function finishEcho(channel: Channel): Promise<void> {
  const writer = channel.writable.getWriter()
  void writer.write(BODY.slice())
  void writer.close()
  let bytes = 0
  for await (const chunk of channel.readable) bytes += chunk.byteLength
  if (bytes !== BODY.byteLength) throw new Error(`${bytes} bytes came back`)
  await channel.finished
}

/** What waits for a turn, and what weak references hold until one is over, is let go. */
async function settle(): Promise<void> {
  for (let n = 0; n < 5; n++) {
    await nextTurn()
    collectGarbage()
  }
}

function alive(born: readonly WeakRef<object>[]): number {
  return born.filter((ref) => ref.deref() !== undefined).length
}

import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { connect, createServer, type Socket } from "node:net"
import { Readable, type Writable } from "node:stream"
import { text } from "node:stream/consumers"
import { fileURLToPath } from "node:url"
import { fromNodeReadable, fromNodeWritable } from "@bellmouth/node"
import { cutter } from "./cut-at-random.ts"

const pathOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

/** Programs that can `serve` and `drive` the methods, over their standard streams or TCP. */
export const PEERS = {
  python: ["python3", pathOf("methods.py")],
  typescript: [process.execPath, pathOf("mux-peer.ts")],
} as const

export type PeerName = keyof typeof PEERS
export type Carrier = "stdio" | "TCP"

export function start(peer: PeerName, ...args: string[]): ChildProcess {
  const [command, ...rest] = PEERS[peer]
  return spawn(command, [...rest, ...args], { stdio: "pipe" })
}

/** How a driving peer has ended: the names of the checks that held. */
export interface Drive {
  readonly code: number | null
  readonly output: string
  readonly held: readonly string[]
}

export async function driveOf(child: ChildProcess): Promise<Drive> {
  const [output, [code]] = await Promise.all([
    text(child.stderr ?? Readable.from([])),
    once(child, "exit"),
  ])
  const held = output
    .trim()
    .split("\n")
    .map((line) => line.replace("ok ", ""))
  return { code, output, held }
}

/** Lets one peer drive another; what goes between them is cut at random, the same for a seed. */
export async function drivePair(
  server: PeerName,
  driver: PeerName,
  over: Carrier,
  seed: number,
): Promise<Drive> {
  const children: ChildProcess[] = []
  const begin = (...args: Parameters<typeof start>): ChildProcess => {
    const child = start(...args)
    children.push(child)
    return child
  }
  try {
    if (over === "stdio") {
      const [serving, driving] = [begin(server, "serve"), begin(driver, "drive")]
      join(driving.stdout, serving.stdin, seed)
      join(serving.stdout, driving.stdin, seed + 1)
      return await driveOf(driving)
    }
    const serving = begin(server, "serve", "--tcp", "127.0.0.1:0")
    const [line] = await once(serving.stderr ?? serving, "data")
    const relay = await relayTo(Number(String(line)), seed)
    const drive = driveOf(begin(driver, "drive", "--tcp", `127.0.0.1:${relay.port}`))
    return await drive.finally(relay.close)
  } finally {
    for (const child of children) child.kill()
  }
}

/** A server that hands on one connection, both ways. */
async function relayTo(port: number, seed: number) {
  const server = createServer({ allowHalfOpen: true }, (near: Socket) => {
    const far = connect({ port, host: "127.0.0.1", allowHalfOpen: true })
    for (const socket of [near, far]) socket.setNoDelay(true)
    join(near, far, seed)
    join(far, near, seed + 1)
    server.close()
  })
  await once(server.listen(0, "127.0.0.1"), "listening")
  const address = server.address()
  if (address === null || typeof address === "string") throw new Error("No port was given")
  return { port: address.port, close: () => void server.close() }
}

/** Copies bytes in other pieces than they come in; an end ends the other side. */
function join(from: Readable | null, to: Writable | null, seed: number): void {
  if (from === null || to === null) throw new Error("A peer has no pipes")
  // A peer that has gone breaks it off: the drive tells.
  fromNodeReadable(from)
    .pipeThrough(cutter(seed))
    .pipeTo(fromNodeWritable(to))
    .catch(() => {})
}

import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { connect as connectSocket } from "node:net"
import { Readable } from "node:stream"
import { text } from "node:stream/consumers"
import { fileURLToPath } from "node:url"
import { connect } from "@bellmouth/mux"
import { childTransport, socketTransport } from "@bellmouth/node"
import { expect, test } from "vitest"
import { CHECKS, driveMethods } from "./checks.ts"
import { cutTransport } from "./cut-at-random.ts"
import { serveMethods } from "./methods.ts"

const NAMES = CHECKS.map(([name]) => name)
const pathOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

const PEERS = {
  python: ["python3", pathOf("methods.py")],
  typescript: [process.execPath, pathOf("mux-peer.ts")],
} as const

function start(peer: keyof typeof PEERS, ...args: string[]): ChildProcess {
  const [command, ...rest] = PEERS[peer]
  return spawn(command, [...rest, ...args], { stdio: "pipe" })
}

/** What a driving peer printed: the names of the checks that held. */
async function heldBy(child: ChildProcess): Promise<string[]> {
  const [output, [code]] = await Promise.all([
    text(child.stderr ?? Readable.from([])),
    once(child, "exit"),
  ])
  const lines = output.trim().split("\n")
  expect(code, output).toBe(0)
  return lines.map((line) => line.replace("ok ", ""))
}

test.each([0, 1, 2, 3])("Python serves us over pipes that cut at random, seed %i", async (seed) => {
  const child = start("python", "serve")
  const session = connect(cutTransport(childTransport(child), seed))
  expect(await driveMethods(session)).toEqual(NAMES)
  await session.close()
  child.kill()
})

test.each([0, 1, 2, 3])("We serve Python over pipes that cut at random, seed %i", async (seed) => {
  const child = start("python", "drive")
  const held = heldBy(child)
  const session = connect(cutTransport(childTransport(child), seed))
  session.closed.catch(() => {}) // Python leaves without a farewell.
  serveMethods(session)
  expect(await held).toEqual(NAMES)
})

test.each(Object.keys(PEERS) as (keyof typeof PEERS)[])("%s serves us over TCP", async (peer) => {
  const child = start(peer, "serve", "--tcp", "127.0.0.1:0")
  try {
    const [line] = await once(child.stderr ?? child, "data")
    const socket = connectSocket(Number(String(line)), "127.0.0.1")
    const session = connect(socketTransport(socket))
    expect(await driveMethods(session)).toEqual(NAMES)
    await session.close()
  } finally {
    child.kill()
  }
})

test("The Python peer passes the vectors of bytes", async () => {
  const child = spawn("python3", [pathOf("vectors.py"), pathOf("../vectors/mux")])
  const [output] = await Promise.all([text(child.stdout), once(child, "exit")])
  expect(output).toMatch(/^\d{3} passed, 0 failed\n$/)
})

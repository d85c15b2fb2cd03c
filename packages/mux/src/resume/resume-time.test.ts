import { VirtualClock } from "@bellmouth/core"
import { expect, test } from "vitest"
import { connect } from "../connect.ts"
import type { Session } from "../session/session.ts"
import { type MemoryTransports, memoryTransports } from "../testing/memory-transports.ts"
import type { Transport } from "../transport.ts"
import { ResumeAcceptor } from "./resume-acceptor.ts"
import { resumable } from "./resume-connector.ts"

/** A client and a server on one virtual clock, and a network that can be away. */
function open(idleTimeoutMs: readonly [here: number, there: number], random?: () => number) {
  const clock = new VirtualClock()
  const acceptor = new ResumeAcceptor({ clock })
  const servers: Session[] = []
  const dials: number[] = []
  const network = { isAway: false, wires: undefined as MemoryTransports | undefined }
  const accept = async (transport: Transport): Promise<void> => {
    const accepted = await acceptor.accept(transport)
    if (accepted === undefined) return
    const server = connect(accepted, { clock, idleTimeoutMs: idleTimeoutMs[1] })
    server.handle((body) => body)
    servers.push(server)
  }
  const dial = async (): Promise<Transport> => {
    dials.push(clock.now())
    if (network.isAway) throw new Error("Nobody answers")
    network.wires = memoryTransports({ seed: dials.length, clock })
    void accept(network.wires.second)
    return network.wires.first
  }
  const transport = resumable(dial, random === undefined ? { clock } : { clock, random })
  const client = connect(transport, { clock, idleTimeoutMs: idleTimeoutMs[0] })
  const lose = (): void => {
    network.isAway = true
    network.wires?.cut()
  }
  /** With turns of the event loop, which a long pipe takes now and then. */
  const pass = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += 100) {
      await clock.advance(100)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  return { clock, client, servers, dials, lose, network, acceptor, pass }
}

test.each([
  [900, 0],
  [0, 900],
  [900, 300],
  [300, 900],
] as const)("While there is no transport nobody is idle: %i ms here, %i there", async (...idle) => {
  const { clock, client, servers, lose, network, acceptor, pass } = open(idle)
  await pass(3000)
  expect(servers.length).toBe(1)
  lose()
  await pass(20_000)
  network.isAway = false
  await pass(20_000)
  const reply = client.request(Uint8Array.of(7))
  await pass(100)
  expect(await reply).toEqual(Uint8Array.of(7))
  expect([servers.length, acceptor.size]).toEqual([1, 1])
  await client.abort()
  await pass(70_000)
  expect(clock.pending).toBe(0)
})

test.each([
  [900, 0],
  [900, 300],
  [300, 900],
] as const)(
  "A transport that falls silent gives way to another: %i ms here, %i there",
  async (...idle) => {
    const { clock, client, servers, dials, network, pass } = open(idle)
    expect((await Promise.all([client.ready, pass(100)])).length).toBe(2)
    network.wires?.hold("there")
    network.wires?.hold("back")
    const request = client.request(Uint8Array.of(7))
    await pass(2000)
    expect(await request).toEqual(Uint8Array.of(7))
    expect([servers.length, dials.length]).toEqual([1, 2])
    // Nothing is lost where pings come in time.
    await pass(20_000)
    expect(dials.length).toBe(2)
    await client.abort()
    await pass(70_000)
    expect(clock.pending).toBe(0)
  },
)

test("A peer that is silent on every transport is given up", async () => {
  const { clock, client, network, pass } = open([900, 300])
  await pass(100)
  network.wires?.hold("there")
  network.wires?.hold("back")
  network.isAway = true
  const ended = client.closed.catch((error: unknown) => error)
  await pass(70_000)
  expect(await ended).toMatchObject({ code: "CONNECTION_LOST" })
  expect(clock.pending).toBe(0)
})

test("Tries to connect again are ever rarer, and those of many clients are spread", async () => {
  for (const [share, expected] of [
    [0, [0, 50, 100, 200, 400, 800, 1600, 2500, 2500]],
    [1, [0, 100, 200, 400, 800, 1600, 3200, 5000, 5000]],
    [0.5, [0, 75, 150, 300, 600, 1200, 2400, 3750, 3750]],
  ] as const) {
    const { clock, client, dials, lose } = open([0, 0], () => share)
    await clock.advance(100)
    const before = clock.now()
    lose()
    await clock.advance(30_000)
    const times = [before, ...dials.slice(1)]
    const waits = times.slice(1).map((time, index) => time - (times[index] ?? 0))
    expect(waits.slice(0, expected.length)).toEqual(expected)
    await client.abort()
    await clock.advance(70_000)
  }
})

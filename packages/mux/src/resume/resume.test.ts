import { duplexPair, toArray, VirtualClock } from "@bellmouth/core"
import { seededRandom } from "@bellmouth/core/testing"
import { expect, test } from "vitest"
import { connect } from "../connect.ts"
import type { Session } from "../session/session.ts"
import { type MemoryTransports, memoryTransports } from "../testing/memory-transports.ts"
import type { Transport } from "../transport.ts"
import { MuxError } from "../wire/mux-error.ts"
import { ResumeAcceptor, type ResumeAcceptorOptions } from "./resume-acceptor.ts"
import { type ResumableOptions, resumable } from "./resume-connector.ts"

/** A server of one kind of session, and a client whose transports a test can lose. */
class World {
  readonly acceptor: ResumeAcceptor
  readonly servers: Session[] = []
  readonly client: Session
  wires: MemoryTransports | undefined
  dials = 0
  refuse = false
  readonly #cutAt: (dial: number) => readonly [number, number]
  readonly #clock: VirtualClock | undefined
  readonly #serve: (session: Session) => void

  constructor(
    serve: (session: Session) => void,
    options: {
      readonly cutAt?: (dial: number) => readonly [number, number]
      readonly clock?: VirtualClock
      readonly connector?: ResumableOptions
      readonly acceptor?: ResumeAcceptorOptions
    } = {},
  ) {
    const { clock } = options
    const clocked = clock === undefined ? {} : { clock }
    this.#cutAt = options.cutAt ?? (() => [Infinity, Infinity])
    this.#clock = clock
    this.#serve = serve
    this.acceptor = new ResumeAcceptor({ ...clocked, ...options.acceptor })
    const retryDelayMs = (): number => 0
    const resume = { retryDelayMs, ...clocked, ...options.connector }
    this.client = connect(
      resumable(() => this.dial(), resume),
      clocked,
    )
  }

  async dial(owner = ""): Promise<Transport> {
    this.dials++
    if (this.refuse) throw new Error("Nobody answers")
    const clocked = this.#clock === undefined ? {} : { clock: this.#clock }
    this.wires = memoryTransports({
      seed: this.dials,
      cutAtBytes: this.#cutAt(this.dials),
      maxPieceBytes: 1000,
      ...clocked,
    })
    void this.accept(this.wires.second, owner)
    return this.wires.first
  }

  async accept(transport: Transport, owner: string): Promise<void> {
    const accepted = await this.acceptor.accept(transport, { owner }).catch(() => undefined)
    if (accepted === undefined) return
    const clocked = this.#clock === undefined ? {} : { clock: this.#clock }
    const session = connect(accepted, clocked)
    session.closed.catch(() => {}) // the tests look at what they expect
    this.servers.push(session)
    this.#serve(session)
  }
}

const echo = (session: Session): void => {
  session.handle((body) => body)
  session.serve((channel) => channel.readable.pipeTo(channel.writable))
}

test("1,000 transports are lost at random bytes, and every item comes exactly once", async () => {
  const random = seededRandom(1)
  const world = new World(echo, {
    cutAt: () => [300 + random(4000), 300 + random(4000)],
  })
  const channel = world.client.open()
  const writer = channel.writable.getWriter()
  const reader = channel.readable.getReader()
  let items = 0
  let asked = 0
  while (world.dials <= 1000) {
    const sent = Array.from({ length: 8 }, (_, n) => new Uint8Array(random(600)).fill(items + n))
    const request = world.client.request(new Uint8Array([items & 255]))
    for (const item of sent) await writer.write(item.slice())
    for (const item of sent) expect((await reader.read()).value).toEqual(item)
    expect(await request).toEqual(new Uint8Array([items & 255]))
    items += sent.length
    asked++
  }
  await writer.close()
  expect((await reader.read()).done).toBe(true)
  expect(world.servers).toHaveLength(1)
  expect(items).toBeGreaterThan(1000)
  expect(asked).toBeGreaterThan(100)
  await world.client.close()
})

test("A session that closes is forgotten", async () => {
  const world = new World(echo)
  await world.client.request(new Uint8Array(1))
  expect(world.acceptor.size).toBe(1)
  await world.client.close()
  await world.servers[0]?.closed
  await expect.poll(() => world.acceptor.size).toBe(0)
  expect(world.dials).toBe(1)
})

test("A session that is closed by the accepting side ends in order on both", async () => {
  const world = new World(echo)
  await world.client.request(new Uint8Array(1))
  await world.servers[0]?.close()
  await world.client.closed
  await expect.poll(() => world.acceptor.size).toBe(0)
  expect(world.dials).toBe(1)
})

test("A session that is aborted ends the other side at once", async () => {
  const world = new World(echo)
  await world.client.request(new Uint8Array(1))
  await world.servers[0]?.abort(new MuxError("APPLICATION", "Go away", { wireCode: 300 }))
  await expect(world.client.closed).rejects.toMatchObject({ wireCode: 300 })
  expect(world.dials).toBe(1)
})

test("Without a transport in time, everything fails with CONNECTION_LOST on both sides", async () => {
  const clock = new VirtualClock()
  const world = new World(echo, {
    clock,
    connector: { keepMs: 1000, retryDelayMs: () => 100 },
    acceptor: { keepMs: 2000 },
  })
  const asked = world.client.request(new Uint8Array(1))
  await clock.advance(10)
  await asked
  const reading = world.client.open().readable.getReader().read()
  const failed = reading.catch((error: unknown) => error)
  await clock.advance(10)
  world.refuse = true
  world.wires?.cut()
  await clock.advance(500)
  expect(world.acceptor.size).toBe(1)
  await clock.advance(1000)
  expect(await failed).toMatchObject({ code: "CONNECTION_LOST" })
  await expect(world.client.closed).rejects.toMatchObject({ code: "CONNECTION_LOST" })
  expect(world.acceptor.size).toBe(0)
  await expect(world.servers[0]?.closed).rejects.toMatchObject({ code: "CONNECTION_LOST" })
  expect(world.dials).toBeGreaterThan(5)
})

test("A session that the other side has forgotten fails, and is not begun anew", async () => {
  const clock = new VirtualClock()
  const world = new World(echo, {
    clock,
    acceptor: { keepMs: 50 },
    connector: { retryDelayMs: () => 100 },
  })
  const asked = world.client.request(new Uint8Array(1))
  await clock.advance(10)
  await asked
  world.wires?.cut()
  await clock.advance(500)
  await expect(world.client.closed).rejects.toMatchObject({ code: "CONNECTION_LOST" })
  expect(world.servers).toHaveLength(1)
  expect(world.dials).toBe(2)
})

test("Nobody but its owner goes on with a session", async () => {
  const heard: Uint8Array[] = []
  const acceptor = new ResumeAcceptor()
  const [here, there] = duplexPair<Uint8Array>()
  const client = connect(resumable(async () => spied(here, heard)))
  const transport = await acceptor.accept(there, { owner: "ada" })
  const server = connect(transport ?? there)
  echo(server)
  await client.request(new Uint8Array(1))
  const hello = new TextDecoder().decode((heard[0] ?? new Uint8Array()).subarray(8))
  const { session } = JSON.parse(hello)
  expect(session).toMatch(/^[0-9a-f]{32}$/)

  const stolen = JSON.stringify({ ...JSON.parse(hello), seen: 0 })
  const [thief, door] = duplexPair<Uint8Array>()
  const answered = toArray(thief.readable)
  const writer = thief.writable.getWriter()
  const payload = new TextEncoder().encode(stolen)
  const accepted = acceptor.accept(door, { owner: "eve" })
  await writer.write(Uint8Array.of(0, payload.length >>> 8, payload.length & 255, 0, 0, 0, 0, 0))
  await writer.write(payload)
  expect(await accepted).toBe(undefined)
  const answer = new TextDecoder().decode((await answered)[0]?.subarray(8))
  expect(JSON.parse(answer).session).not.toBe(session)
  expect(await client.request(new Uint8Array([5]))).toEqual(new Uint8Array([5]))
  await client.abort()
  await server.closed.catch(() => {}) // it was aborted
})

test("A second transport for a live session takes its place", async () => {
  const world = new World(echo)
  await world.client.request(new Uint8Array(1))
  const first = world.wires
  first?.hold("there") // alive, as far as the server can see
  first?.hold("back")
  const pending = world.client.request(new Uint8Array([7]))
  first?.truncate("back") // the client alone sees an end
  first?.release("back")
  expect(await pending).toEqual(new Uint8Array([7]))
  expect(world.dials).toBe(2)
  expect(world.servers).toHaveLength(1)
  await world.client.close()
})

test("What waits to be sent again is bounded: the writer waits", async () => {
  const world = new World(echo, { connector: { maxReplayBytes: 65_536 } })
  await world.client.request(new Uint8Array(1))
  world.wires?.hold("there")
  const writer = world.client.open().writable.getWriter()
  writer.closed.catch(() => {}) // it is aborted in the end
  let written = 0
  void (async () => {
    for (; written < 1000; written++) await writer.write(new Uint8Array(1000))
  })().catch(() => {})
  await new Promise((resolve) => setTimeout(resolve, 50))
  // The window of the channel is 256 KiB: what stops it is the limit here, and what the streams hold.
  expect(written).toBeGreaterThan(10)
  expect(written).toBeLessThan(400)
  world.wires?.release("there")
  await world.client.abort()
})

test("Without resuming on the other side it is a transport as any", async () => {
  const [here, there] = duplexPair<Uint8Array>()
  const client = connect(resumable(async () => here))
  const server = connect(there)
  echo(server)
  expect(await client.request(new Uint8Array([1]))).toEqual(new Uint8Array([1]))
  await server.abort()
  await expect(client.closed).rejects.toBeInstanceOf(MuxError)

  const acceptor = new ResumeAcceptor()
  const wires = memoryTransports({ seed: 1 })
  const plain = connect(wires.first)
  const transport = await acceptor.accept(wires.second)
  const served = connect(transport ?? wires.second)
  served.closed.catch(() => {}) // it is cut
  echo(served)
  expect(await plain.request(new Uint8Array([1]))).toEqual(new Uint8Array([1]))
  wires.cut()
  await expect(plain.closed).rejects.toMatchObject({ code: "CONNECTION_LOST" })
  expect(acceptor.size).toBe(0)
})

/** A transport whose written chunks are kept. */
function spied(transport: Transport, heard: Uint8Array[]): Transport {
  const spy = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      heard.push(chunk.slice())
      controller.enqueue(chunk)
    },
  })
  spy.readable.pipeTo(transport.writable).catch(() => {}) // the session sees its own end
  return { readable: transport.readable, writable: spy.writable }
}

test("Told that its transport is a byte stream, a session that resumes sends whole frames", async () => {
  const acceptor = new ResumeAcceptor()
  let cut = (): void => {}
  const dial = async (): Promise<Transport> => {
    const wires = memoryTransports({ seed: 1 })
    cut = wires.cut
    void acceptor.accept(wires.second).then((accepted) => accepted && echo(connect(accepted)))
    return wires.first
  }
  const client = connect(resumable(dial), { isByteStream: true })
  const { readable, writable } = client.open()
  const [writer, reader] = [writable.getWriter(), readable.getReader()]
  for (let n = 0; n < 4; n++) {
    await writer.write(new Uint8Array(50_000).fill(n))
    cut()
    expect((await reader.read()).value).toEqual(new Uint8Array(50_000).fill(n))
  }
  await client.abort()
})

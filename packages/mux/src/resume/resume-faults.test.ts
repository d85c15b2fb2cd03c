import { duplexPair, VirtualClock } from "@bellmouth/core"
import { expect, test } from "vitest"
import { connect } from "../connect.ts"
import type { Session } from "../session/session.ts"
import { type MemoryTransports, memoryTransports } from "../testing/memory-transports.ts"
import type { Transport } from "../transport.ts"
import { encodeFrame } from "../wire/encode-frame.ts"
import { ResumeAcceptor } from "./resume-acceptor.ts"
import { resumable } from "./resume-connector.ts"

const hello = (value: unknown): Uint8Array =>
  encodeFrame({ type: "hello", payload: new TextEncoder().encode(JSON.stringify(value)) })

const echo = (session: Session): Session => {
  session.closed.catch(() => {}) // the tests look at what they expect
  session.handle((body) => body)
  session.serve((channel) => channel.readable.pipeTo(channel.writable))
  return session
}

/** A client and a server whose transports are cut by hand, in virtual time. */
class World {
  readonly clock = new VirtualClock()
  readonly acceptor = new ResumeAcceptor({ clock: this.clock, maxReplayBytes: 65_536 })
  readonly servers: Session[] = []
  readonly wires: MemoryTransports[] = []
  readonly options = { clock: this.clock, maxReplayBytes: 65_536, keepMs: 10_000 }
  answer: () => Promise<void> = async () => {}
  readonly client = connect(
    resumable(() => this.dial(), this.options),
    { clock: this.clock },
  )

  async dial(): Promise<Transport> {
    const wires = memoryTransports({ seed: this.wires.length, clock: this.clock })
    this.wires.push(wires)
    await this.answer()
    void this.accept(wires.second)
    return wires.first
  }

  async accept(transport: Transport): Promise<void> {
    const accepted = await this.acceptor.accept(transport).catch(() => undefined)
    if (accepted !== undefined) this.servers.push(echo(connect(accepted, { clock: this.clock })))
  }
}

async function settled(clock: VirtualClock, work: Promise<unknown>): Promise<boolean> {
  let isSettled = false
  const settle = (): void => {
    isSettled = true
  }
  work.then(settle, settle)
  for (let at = 0; at < 50 && !isSettled; at++) await clock.advance(1)
  return isSettled
}

test("More than the replay limit goes to a peer that can not resume", async () => {
  const clock = new VirtualClock()
  const [here, there] = duplexPair<Uint8Array>()
  const client = connect(resumable(async () => here, { maxReplayBytes: 65_536, clock }))
  echo(connect(there))
  const asked = client.request(new Uint8Array(300_000))
  expect(await settled(clock, asked)).toBe(true)
})

test("A reconnection that acknowledges everything lets a writer go on that waited", async () => {
  const world = new World()
  await settled(world.clock, world.client.ready)
  world.wires[0]?.hold("back")
  const asked = world.client.request(new Uint8Array(100_000))
  await world.clock.advance(10)
  world.wires[0]?.cut()
  world.wires[0]?.release("back")
  expect(await settled(world.clock, asked)).toBe(true)
})

test("A limit below what may stay unacknowledged is refused", () => {
  expect(() =>
    resumable(async () => duplexPair<Uint8Array>()[0], { maxReplayBytes: 65_535 }),
  ).toThrow(RangeError)
  for (const [name, value] of Object.entries({ keepMs: 2 ** 31, helloTimeoutMs: 2 ** 31 })) {
    expect(() => new ResumeAcceptor({ [name]: value })).toThrow(RangeError)
  }
})

test("What was sent right before the end arrives, though the transport is lost with it", async () => {
  const world = new World()
  await settled(world.clock, world.client.ready)
  const reading = world.servers[0]?.messages.getReader().read()
  world.wires[0]?.hold("there")
  await world.client.send(new Uint8Array([7]))
  void world.client.close()
  await world.clock.advance(10)
  world.wires[0]?.cut()
  await settled(world.clock, Promise.all([world.servers[0]?.closed, reading]))
  expect((await reading)?.value).toEqual(new Uint8Array([7]))
  await world.servers[0]?.closed
  await world.clock.advance(10)
  expect(world.acceptor.size).toBe(0)
  await world.clock.advance(20_000)
  expect(world.clock.pending).toBe(0)
})

test("A dial that never settles does not outlast the time that a session is kept", async () => {
  const world = new World()
  await settled(world.clock, world.client.ready)
  world.answer = () => new Promise(() => {})
  world.wires[0]?.cut()
  await world.clock.advance(10_001)
  await settled(world.clock, world.client.closed)
  await expect(world.client.closed).rejects.toMatchObject({ code: "CONNECTION_LOST" })
  await world.clock.advance(100_000)
  expect(world.clock.pending).toBe(0)
})

test("A transport that comes after the session has ended is let go", async () => {
  const world = new World()
  await settled(world.clock, world.client.ready)
  const late = Promise.withResolvers<void>()
  world.answer = () => late.promise
  world.wires[0]?.cut()
  await world.clock.advance(10)
  void world.client.abort()
  await world.clock.advance(5000)
  late.resolve()
  let end: unknown
  const reader = world.wires[1]?.second.readable.getReader()
  world.accept = async () => {}
  const reading = reader?.closed.catch((error: unknown) => {
    end = error
  })
  expect(await settled(world.clock, Promise.resolve(reading))).toBe(true)
  expect(end).toBeDefined()
  expect(world.wires).toHaveLength(2)
})

test("A session that is cut while its peer acknowledges nothing lets its transport go", async () => {
  const world = new World()
  await settled(world.clock, world.client.ready)
  world.wires[0]?.hold("back")
  world.client
    .open()
    .writable.getWriter()
    .write(new Uint8Array(200_000))
    .catch(() => {})
  await world.clock.advance(10)
  void world.client.abort()
  await world.clock.advance(3000)
  world.wires[0]?.release("back")
  await world.clock.advance(10_000 + 60_000)
  expect(world.wires).toHaveLength(1)
  expect(world.acceptor.size).toBe(0)
})

test("A write that hangs in the old transport does not hold up the new one", async () => {
  const acceptor = new ResumeAcceptor()
  let dials = 0
  let drop = (): void => {}
  const client = connect(
    resumable(async () => {
      const [here, there] = duplexPair<Uint8Array>()
      void acceptor.accept(there).then((accepted) => accepted && echo(connect(accepted)))
      if (dials++ > 0) return here
      // A sink of the platform's kind: abort waits for the write, which never ends.
      const writer = here.writable.getWriter()
      let chunks = 0
      const writable = new WritableStream<Uint8Array>({
        write: (chunk) => (chunks++ === 0 ? writer.write(chunk) : new Promise(() => {})),
      })
      const readable = new ReadableStream<Uint8Array>({
        start: async (controller) => {
          drop = () => controller.close()
          for await (const chunk of here.readable) controller.enqueue(chunk)
        },
      })
      return { readable, writable }
    }),
  )
  await client.ready
  const asked = client.request(new Uint8Array([3]))
  await new Promise((resolve) => setImmediate(resolve))
  drop()
  expect(await asked).toEqual(new Uint8Array([3]))
  await client.abort()
})

test("Of two transports that ask for a session at once, the later one has it, and nothing is lost", async () => {
  const clock = new VirtualClock()
  const acceptor = new ResumeAcceptor({ clock })
  const greeting = { v: 1, session: "s".repeat(32) }
  const [here, there] = duplexPair<Uint8Array>()
  void here.writable.getWriter().write(hello(greeting))
  const accepted = await acceptor.accept(there)
  const server = connect(accepted ?? there, { clock })
  server.closed.catch(() => {})
  await server.ready
  const stuck = Promise.withResolvers<void>()
  const resume = (isStuck: boolean): { accepted: Promise<unknown>; bytes: Uint8Array[] } => {
    const bytes: Uint8Array[] = []
    const readable = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(hello({ ...greeting, seen: 0 })),
    })
    const writable = new WritableStream<Uint8Array>({
      async write(chunk) {
        if (isStuck) await stuck.promise
        bytes.push(chunk.slice())
      },
    })
    return { accepted: acceptor.accept({ readable, writable }), bytes }
  }
  void server.send(new Uint8Array([1]))
  await clock.advance(1)
  const first = resume(true)
  await clock.advance(1)
  const second = resume(false)
  await clock.advance(1)
  stuck.resolve()
  void server.send(new Uint8Array([2]))
  await clock.advance(10)
  const items = second.bytes.slice(1).flatMap((bytes) => [...bytes])
  expect(items).toEqual([0, 0, 1, 32, 0, 0, 0, 0, 1, 0, 0, 1, 32, 0, 0, 0, 0, 2])
  await Promise.all([first.accepted, second.accepted])
})

test.each([
  [
    "is of another kind",
    encodeFrame({ type: "ping", ack: false, payload: new TextEncoder().encode('{"v":1}') }),
  ],
  ["is no JSON", encodeFrame({ type: "hello", payload: new Uint8Array([1]) })],
])("A first frame that %s is refused", async (_, frame) => {
  const [here, there] = duplexPair<Uint8Array>()
  void here.writable.getWriter().write(frame)
  const accepted = new ResumeAcceptor().accept(there)
  await expect(accepted).rejects.toMatchObject({ code: "PROTOCOL" })
})

test("A transport whose session is not known is told so, and let go", async () => {
  let cancelled: unknown
  const written: Uint8Array[] = []
  const transport = {
    readable: new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(hello({ v: 1, session: "a", seen: 3 })),
      cancel: (reason) => {
        cancelled = reason
      },
    }),
    writable: new WritableStream<Uint8Array>({ write: (chunk) => void written.push(chunk) }),
  }
  expect(await new ResumeAcceptor().accept(transport)).toBe(undefined)
  expect(written).toHaveLength(1)
  expect(cancelled).toMatchObject({ code: "CONNECTION_LOST" })
})

test("A transport that does not take the answer is let go in time", async () => {
  const clock = new VirtualClock()
  const transport = {
    readable: new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(hello({ v: 1, session: "a", seen: 3 })),
    }),
    writable: new WritableStream<Uint8Array>({ write: () => new Promise<void>(() => {}) }),
  }
  const accepted = new ResumeAcceptor({ clock }).accept(transport)
  accepted.catch(() => {}) // looked at below
  await clock.advance(10_001)
  await expect(accepted).rejects.toMatchObject({ code: "TIMEOUT" })
})

test("A flood of acknowledgements that count nothing new ends the session", async () => {
  const clock = new VirtualClock()
  const acceptor = new ResumeAcceptor({ clock })
  const [here, there] = duplexPair<Uint8Array>()
  const accepting = acceptor.accept(there)
  const writer = here.writable.getWriter()
  const write = (bytes: Uint8Array): Promise<void> => writer.write(bytes).catch(() => {}) // it is let go
  void write(hello({ session: "0123456789abcdef" }))
  const session = connect((await accepting) ?? there, { clock })
  const reading = here.readable.pipeTo(new WritableStream()).catch(() => {})
  const ack = encodeFrame({ type: "ack", count: 0 })
  const thousand = new Uint8Array(1000 * ack.length)
  for (let at = 0; at < thousand.length; at += ack.length) thousand.set(ack, at)
  for (let n = 0; n < 9; n++) await write(thousand)
  await clock.advance(10)
  expect(acceptor.size).toBe(1)
  for (let n = 0; n < 9; n++) await write(thousand)
  await expect(session.closed).rejects.toMatchObject({ cause: { code: "PROTOCOL" } })
  expect(acceptor.size).toBe(0)
  await reading
})

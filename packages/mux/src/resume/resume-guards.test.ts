import { VirtualClock } from "@bellmouth/core"
import { expect, test } from "vitest"
import { connect } from "../connect.ts"
import type { Session } from "../session/session.ts"
import { type MemoryTransports, memoryTransports } from "../testing/memory-transports.ts"
import type { Transport } from "../transport.ts"
import { encodeFrame } from "../wire/encode-frame.ts"
import { MuxError } from "../wire/mux-error.ts"
import { ResumeAcceptor } from "./resume-acceptor.ts"
import { type ResumableOptions, resumable } from "./resume-connector.ts"
import { encodeResumeHello } from "./resume-hello.ts"
import { Wire } from "./wire.ts"

/** A server and a client on one clock; `meet` takes what the client dials from the second on. */
function open(options: ResumableOptions = {}, meet?: (transport: Transport) => unknown) {
  const clock = new VirtualClock()
  const acceptor = new ResumeAcceptor({ clock, keepMs: 1000 })
  const servers: Session[] = []
  const wires: MemoryTransports[] = []
  const accept = async (transport: Transport): Promise<void> => {
    const accepted = await acceptor.accept(transport).catch(() => undefined) // it may be cut before
    if (accepted === undefined) return
    const server = connect(accepted, { clock })
    server.closed.catch(() => {}) // looked at where it matters
    server.handle((body) => body)
    servers.push(server)
  }
  const dial = async (): Promise<Transport> => {
    const pair = memoryTransports({ seed: wires.length, clock })
    wires.push(pair)
    void (meet !== undefined && wires.length > 1 ? meet : accept)(pair.second)
    return pair.first
  }
  const client = connect(resumable(dial, { clock, ...options }), { clock })
  client.closed.catch(() => {}) // likewise
  const pass = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += 50) {
      await clock.advance(50, 32)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  return { client, servers, acceptor, wires, pass }
}

/** What a transport is broken off with; undefined where it ends in order. */
function endOf(wire: Wire): Promise<unknown> {
  return wire
    .read(
      () => {},
      async () => {},
    )
    .catch((error: unknown) => error)
}

test("A session whose transport was replaced is not forgotten with the one before", async () => {
  const { client, servers, acceptor, wires, pass } = open()
  expect(await client.request(Uint8Array.of(1))).toEqual(Uint8Array.of(1))
  const [first] = wires
  first?.hold("there") // for the server it goes on
  first?.truncate("back")
  await pass(100)
  expect([wires.length, acceptor.size]).toEqual([2, 1])
  await pass(5000)
  expect(await client.request(Uint8Array.of(2))).toEqual(Uint8Array.of(2))
  expect([wires.length, acceptor.size, servers.length]).toEqual([2, 1, 1])
  const closed = client.close()
  await pass(3000)
  await closed
})

test("A server that greets by other limits on the next transport is not gone on with", async () => {
  const met = Promise.withResolvers<unknown>()
  const { client, wires, pass } = open({}, async (transport) => {
    const wire = new Wire(transport, 65_536)
    const { session, seen } = await wire.hello()
    const hello = { rest: { v: 1, streams: 99 }, session, seen, keepMs: undefined }
    void wire.write(encodeResumeHello(hello))
    met.resolve(await endOf(wire))
  })
  await client.request(Uint8Array.of(1))
  wires[0]?.cut()
  await pass(2000)
  await expect(client.closed).rejects.toMatchObject({ code: "CONNECTION_LOST" })
  expect(wires).toHaveLength(2)
  // Its transport is let go at once.
  expect(await met.promise).toBeInstanceOf(Error)
})

test("Tries count on while transports come on which nothing gets through", async () => {
  const attempts: number[] = []
  const { client, wires, pass } = open({
    retryDelayMs(attempt) {
      attempts.push(attempt)
      return 10
    },
    onChange(state) {
      if (state === "resumed" && wires.length < 7) wires.at(-1)?.cut()
    },
  })
  await client.request(Uint8Array.of(1))
  wires[0]?.cut()
  await pass(900)
  expect(attempts.slice(-4)).toEqual([1, 2, 3, 4])
  await client.request(Uint8Array.of(1))
  wires.at(-1)?.cut()
  await pass(100)
  expect(attempts.at(-1)).toBe(0)
  const aborted = client.abort()
  await pass(3000)
  await aborted
})

test("A peer that has failed is not asked again for what it has not acknowledged", async () => {
  const { client, servers, wires, pass } = open()
  await client.request(Uint8Array.of(1))
  wires[0]?.hold("there")
  const lost = client.request(Uint8Array.of(2)).catch((error: unknown) => error)
  await pass(100)
  const aborted = servers[0]?.abort(new MuxError("APPLICATION", "Go away", { wireCode: 300 }))
  await pass(100)
  wires[0]?.cut()
  await pass(3000)
  await aborted
  await expect(client.closed).rejects.toMatchObject({ wireCode: 300 })
  expect(await lost).toMatchObject({ code: "CONNECTION_LOST" })
  expect(wires).toHaveLength(1)
})

test("A transport that comes for a session which has ended is let go", async () => {
  const late = Promise.withResolvers<unknown>()
  const { client, wires, pass } = open({}, async (transport) => {
    const wire = new Wire(transport, 65_536)
    await wire.hello()
    await client.abort()
    late.resolve(await endOf(wire))
  })
  await client.request(Uint8Array.of(1))
  wires[0]?.cut()
  await pass(5000)
  expect(await late.promise).toBeInstanceOf(Error)
})

test("Of two sides that are done the one that connected waits for the other to close", async () => {
  const clock = new VirtualClock()
  const { first, second } = memoryTransports({ seed: 1, clock })
  const client = connect(
    resumable(async () => first, { clock }),
    { clock },
  )
  const wire = new Wire(second, 65_536)
  const meeting = wire.hello()
  await clock.advance(1, 100)
  const { session } = await meeting
  void wire.write(encodeResumeHello({ rest: { v: 1 }, session, seen: undefined, keepMs: 1000 }))
  const types: number[] = []
  let isOver = false
  const onFrame = (bytes: Uint8Array, start: number): void => {
    types.push((bytes[start + 3] ?? 0) >>> 4)
  }
  const onEnd = (): void => {
    isOver = true
  }
  void wire.read(onFrame, async () => {}).then(onEnd, onEnd) // it is let go, however
  const closed = client.close()
  await clock.advance(1, 100)
  expect(types).toEqual([6, 7])
  const goaway = encodeFrame({ type: "goaway", last: 0, code: 0, text: "" })
  void wire.write(encodeFrame({ type: "ack", count: 1 }))
  void wire.write(goaway)
  await clock.advance(1000, 100)
  expect(types).toEqual([6, 7, 8])
  expect(isOver).toBe(false)
  wire.close().catch(() => {}) // likewise
  await clock.advance(1, 100)
  await closed
  expect(isOver).toBe(true)
})

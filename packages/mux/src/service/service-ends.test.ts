import { createPorts, duplexPair, fromPull, toArray, VirtualClock } from "@bellmouth/core"
import { expect, test } from "vitest"
import { connect } from "../connect.ts"
import type { Session } from "../session/session.ts"
import { memoryTransports } from "../testing/memory-transports.ts"
import { MuxError } from "../wire/mux-error.ts"
import {
  asyncMethod,
  createClient,
  jsonCodec,
  type Methods,
  portsMethods,
  remotePorts,
  serveMethods,
  sinkMethod,
  sourceMethod,
  type ValueCodec,
} from "./index.ts"

function pair(): [Session, Session] {
  const [here, there] = duplexPair<Uint8Array>()
  return [connect(here), connect(there)]
}

/** A session whose other side has these methods. */
function served(methods: Methods): Session {
  const [near, far] = pair()
  serveMethods(far, methods)
  return near
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 0))

test("What a source gave before it failed comes also to who reads it later", async () => {
  const { promise: failed, resolve } = Promise.withResolvers<void>()
  const breaks = sourceMethod(() => {
    let at = 0
    return fromPull<number>({
      pull(controller) {
        if (at < 10) return controller.enqueue(at++)
        resolve()
        throw new MuxError("APPLICATION", "Broken", { wireCode: 300 })
      },
    })
  })
  const near = served({ breaks })
  const reader = createClient<{ breaks: typeof breaks }>(near).source("breaks").getReader()
  await failed
  await near.request(jsonCodec.encode({})).catch(() => {}) // behind the failure
  for (let at = 0; at < 10; at++) expect((await reader.read()).value).toBe(at)
  await expect(reader.read()).rejects.toMatchObject({ wireCode: 300 })
})

test("Parameters may be refused by a code of the application", async () => {
  const params = (): number => {
    throw new MuxError("APPLICATION", "Sold out", { wireCode: 301 })
  }
  const buy = asyncMethod((n: number) => n, { params })
  const client = createClient<{ buy: typeof buy }>(served({ buy }))
  await expect(client.call("buy", 1)).rejects.toMatchObject({ wireCode: 301, message: "Sold out" })
})

test("A source's own input has ended from the beginning", async () => {
  const [near, far] = pair()
  const { promise: input, resolve } = Promise.withResolvers<Uint8Array[]>()
  far.serve(async ({ readable }) => resolve(await toArray(readable)))
  const none = sourceMethod((): ReadableStream<number> => fromPull({}))
  expect(await toArray(createClient<{ none: typeof none }>(near).source("none"))).toEqual([])
  expect(await input).toEqual([])
})

test("Who has the result of a sink reads no more", async () => {
  const [near, far] = pair()
  const { promise: given, resolve } = Promise.withResolvers<unknown>()
  far.serve(async ({ writable }) => {
    const writer = writable.getWriter()
    await writer.write(jsonCodec.encode(7))
    resolve(await writer.closed.catch((error: unknown) => error))
  })
  const sink = sinkMethod(
    async (_: void, input: ReadableStream<number>) => (await toArray(input)).length,
    {
      item: Number,
    },
  )
  expect(await createClient<{ sink: typeof sink }>(near).sink("sink").result).toBe(7)
  expect(await given).toMatchObject({ code: "CANCELLED" })
})

test("A result that failed and that nobody looks at disturbs nobody", async () => {
  const seen: unknown[] = []
  const onUnhandled = (reason: unknown): void => void seen.push(reason)
  const fails = sinkMethod(
    (): number => {
      throw new MuxError("APPLICATION", "No", { wireCode: 302 })
    },
    { item: Number },
  )
  const client = createClient<{ fails: typeof fails }>(served({ fails }))
  process.on("unhandledRejection", onUnhandled)
  try {
    const failed = client.sink("fails").writable.getWriter().closed
    await expect(failed).rejects.toMatchObject({ wireCode: 302 })
    await turn()
    await turn()
  } finally {
    process.off("unhandledRejection", onUnhandled)
  }
  expect(seen).toEqual([])
})

test("An end of a role that somebody has here is refused", async () => {
  const ports = createPorts<number, number, string, number>({ event: () => {} })
  const methods = portsMethods(ports, Number)
  const client = createClient<typeof methods>(served(methods))
  const reader = ports.out.getReader()
  const remote = client.source("out").getReader()
  await expect(remote.read()).rejects.toMatchObject({ code: "REFUSED" })
  reader.releaseLock()
})

test("The states of a role fail with the session", async () => {
  const ports = createPorts<number, number, string, number>({ event: () => {} })
  const methods = portsMethods(ports, Number)
  const near = served(methods)
  const remote = remotePorts(createClient<typeof methods>(near))
  const states = remote.snapshot.readable().getReader()
  const next = states.read()
  await near.ready
  await near.abort()
  await expect(next).rejects.toMatchObject({ code: "CONNECTION_LOST" })
})

test("Of the states of a role that come while none can be sent, the newest alone is", async () => {
  const clock = new VirtualClock()
  const { first, second, hold, release } = memoryTransports({ seed: 1, clock })
  const ports = createPorts<number, number, string, number>({
    event: (n, controller) => controller.snapshot(n),
  })
  const methods = portsMethods(ports, Number)
  serveMethods(connect(second, { clock }), methods)
  const states: unknown[] = []
  const codec: ValueCodec = {
    encode: (value) => jsonCodec.encode(value),
    decode(bytes) {
      states.push(jsonCodec.decode(bytes))
      return states.at(-1)
    },
  }
  const remote = remotePorts(createClient<typeof methods>(connect(first, { clock }), { codec }))
  const events = ports.in.getWriter()
  await events.write(1)
  await clock.advance(10, 100)
  hold("back")
  for (let n = 2; n <= 500; n++) {
    await events.write(n)
    await clock.advance(1, 4)
  }
  release("back")
  await clock.advance(100, 1000)
  expect(states.at(-1)).toBe(500)
  expect(states.length).toBeLessThan(10)
  const { value } = await remote.snapshot.readable().getReader().read()
  expect(value).toBe(500)
})

test("Text that is not UTF-8 is no value", () => {
  expect(() => jsonCodec.decode(Uint8Array.of(0x22, 0xff, 0x22))).toThrow(TypeError)
})

import { createPorts, duplexPair, from, fromPull, toArray } from "@bellmouth/core"
import { expect, expectTypeOf, test } from "vitest"
import { connect } from "../connect.ts"
import type { Session } from "../session/session.ts"
import { MuxError } from "../wire/mux-error.ts"
import {
  asyncMethod,
  type Client,
  createClient,
  duplexMethod,
  jsonCodec,
  type Methods,
  portsMethods,
  remotePorts,
  serveMethods,
  sinkMethod,
  sourceMethod,
} from "./index.ts"

const numberOf = (value: unknown): number => {
  if (typeof value !== "number") throw new TypeError(`Want a number, not ${typeof value}`)
  return value
}

const methods = {
  double: asyncMethod((n: number) => n * 2, { params: numberOf }),
  nothing: asyncMethod(() => {}),
  bytes: asyncMethod(() => new Uint8Array([0, 1, 255])),
  leak: asyncMethod((): string => {
    throw new Error("/etc/secret at line 1")
  }),
  upTo: sourceMethod((n: number) => from(Array.from({ length: n }, (_, at) => at)), {
    params: numberOf,
  }),
  breaks: sourceMethod(async () => {
    let at = 0
    return fromPull<number>({
      pull(controller) {
        if (at === 2) throw new MuxError("APPLICATION", "Broken", { wireCode: 300 })
        controller.enqueue(at++)
      },
    })
  }),
  sum: sinkMethod(
    async (_: void, input: ReadableStream<number>) =>
      (await toArray(input)).reduce((a, b) => a + b, 0),
    { item: numberOf },
  ),
  first: sinkMethod(
    async (_: void, input: ReadableStream<number>) => (await input.getReader().read()).value,
    { item: numberOf },
  ),
  negate: duplexMethod(
    (_: void, input: ReadableStream<number>) =>
      input.pipeThrough(
        new TransformStream<number, number>({
          transform: (n, controller) => controller.enqueue(-n),
        }),
      ),
    { item: numberOf },
  ),
}

function pair(served: Methods): { near: Session; far: Session } {
  const [here, there] = duplexPair<Uint8Array>()
  const far = connect(there)
  serveMethods(far, served)
  return { near: connect(here), far }
}

function clientOf(): Client<typeof methods> & { session: Session } {
  const { near } = pair(methods)
  return { ...createClient<typeof methods>(near), session: near }
}

test("A client's types are those of the methods", async () => {
  const client = clientOf()
  expectTypeOf(client.call("double", 2)).resolves.toEqualTypeOf<number>()
  expectTypeOf(client.source("upTo", 0)).toEqualTypeOf<ReadableStream<number>>()
  expectTypeOf(client.sink("sum").writable).toEqualTypeOf<WritableStream<number>>()
  // @ts-expect-error -- upTo is no method to call
  const wrongKind = client.call("upTo", 3)
  // @ts-expect-error -- double takes a number
  const wrongParams = client.call("double", "2")
  await expect(wrongKind).rejects.toMatchObject({ code: "UNKNOWN_METHOD" })
  await expect(wrongParams).rejects.toMatchObject({ code: "REFUSED" })
})

test("A call gives its result, whatever it is", async () => {
  const client = clientOf()
  expect(await client.call("double", 21)).toBe(42)
  expect(await client.call("nothing")).toBe(undefined)
  expect(await client.call("bytes")).toEqual(new Uint8Array([0, 1, 255]))
})

test("A source gives its items, and its failure behind them", async () => {
  const client = clientOf()
  expect(await toArray(client.source("upTo", 1000))).toHaveLength(1000)
  const reader = client.source("breaks").getReader()
  expect((await reader.read()).value).toBe(0)
  expect((await reader.read()).value).toBe(1)
  await expect(reader.read()).rejects.toMatchObject({ wireCode: 300, message: "Broken" })
})

test("A source that nobody reads any more is cancelled", async () => {
  const { promise: cancelled, resolve } = Promise.withResolvers<unknown>()
  const endless = sourceMethod(() =>
    fromPull<number>({ pull: (controller) => controller.enqueue(1), cancel: resolve }),
  )
  const client = createClient<{ endless: typeof endless }>(pair({ endless }).near)
  const reader = client.source("endless").getReader()
  await reader.read()
  await reader.cancel(new MuxError("APPLICATION", "Enough", { wireCode: 301 }))
  expect(await cancelled).toMatchObject({ wireCode: 301 })
})

test("A sink gives its result, also when it has not read to the end", async () => {
  const client = clientOf()
  const sum = client.sink("sum")
  await from([1, 2, 3]).pipeTo(sum.writable)
  expect(await sum.result).toBe(6)
  const first = client.sink("first")
  const writer = first.writable.getWriter()
  writer.closed.catch(() => {}) // the other side has stopped reading
  await writer.write(7)
  expect(await first.result).toBe(7)
})

test("A duplex answers while it is written to", async () => {
  const { readable, writable } = clientOf().duplex("negate")
  const [writer, reader] = [writable.getWriter(), readable.getReader()]
  for (const n of [1, 2]) {
    await writer.write(n)
    expect((await reader.read()).value).toBe(-n)
  }
  await writer.close()
  expect((await reader.read()).done).toBe(true)
})

test("Items are checked where they arrive", async () => {
  const { writable, result } = clientOf().sink("sum")
  const writer = (writable as WritableStream<unknown>).getWriter()
  writer.closed.catch(() => {}) // the result tells
  await writer.write("no number")
  await expect(result).rejects.toMatchObject({ code: "INTERNAL" })
})

test("Nothing of an error that is not for the other side crosses", async () => {
  const sent: string[] = []
  const [here, there] = duplexPair<Uint8Array>()
  const watch = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      sent.push(new TextDecoder("latin1").decode(chunk))
      controller.enqueue(chunk)
    },
  })
  watch.readable.pipeTo(there.writable).catch(() => {}) // the sessions live as long as the test
  serveMethods(connect({ readable: there.readable, writable: watch.writable }), methods)
  const client = createClient<typeof methods>(connect(here))
  await expect(client.call("leak")).rejects.toMatchObject({ code: "INTERNAL" })
  await expect(client.call("double", Number.NaN)).rejects.toMatchObject({ code: "REFUSED" })
  expect(sent.length).toBeGreaterThan(1)
  expect(sent.join("")).not.toMatch(/secret| at |\.ts|node_modules/)
})

test("No name that every object has can be called", async () => {
  const { near } = pair(methods)
  const names = ["__proto__", ...Object.getOwnPropertyNames(Object.prototype)]
  expect(names.length).toBeGreaterThan(10)
  for (const method of names) {
    const request = near.request(jsonCodec.encode({ method }))
    await expect(request).rejects.toMatchObject({ code: "UNKNOWN_METHOD" })
  }
})

test.each(["", "{", "[]", "null", '{"method":1}', '{"params":1}'])(
  "%j is no call",
  async (text) => {
    const { near } = pair(methods)
    const request = near.request(new TextEncoder().encode(text))
    await expect(request).rejects.toMatchObject({ code: "REFUSED" })
    const { readable } = near.open(new TextEncoder().encode(text))
    await expect(readable.getReader().read()).rejects.toMatchObject({ code: "REFUSED" })
  },
)

test("Ports are used from the other side as they are here", async () => {
  const ports = createPorts<number, string, string, number>({
    event(n, controller) {
      if (n < 0) controller.err(`negative: ${n}`)
      else controller.out(`got ${n}`)
      controller.snapshot(n)
    },
  })
  const served = portsMethods(ports, numberOf)
  const { near } = pair(served)
  const remote = remotePorts(createClient<typeof served>(near))
  const written = from([1, -2, 3]).pipeTo(remote.in)
  const [out, err] = await Promise.all([toArray(remote.out), toArray(remote.err)])
  await written
  expect(out).toEqual(["got 1", "got 3"])
  expect(err).toEqual(["negative: -2"])
  expect((await toArray(remote.snapshot.readable())).at(-1)).toBe(3)
  const again = createClient<typeof served>(near).source("out")
  await expect(again.getReader().read()).rejects.toMatchObject({ code: "REFUSED" })
})

test("An end of a role is for one remote user: others at the same time, and later, are refused", async () => {
  const ports = createPorts<number, number, string, number>({
    event: (n, controller) => controller.out(n),
  })
  const served = portsMethods(ports, numberOf)
  const [here, there] = duplexPair<Uint8Array>()
  serveMethods(connect(there), served)
  const client = createClient<typeof served>(connect(here))
  const first = client.source("out").getReader()
  const second = client.source("out").getReader()
  await expect(second.read()).rejects.toMatchObject({ code: "REFUSED" })
  await first.cancel()
  const third = client.source("out").getReader()
  await expect(third.read()).rejects.toMatchObject({ code: "REFUSED" })
})

test("A result that has come is given, however its channel ends", async () => {
  const broken = new MuxError("CONNECTION_LOST", "The transport has ended")
  const readable = new ReadableStream<Uint8Array>(
    {
      pull: (controller) => controller.enqueue(jsonCodec.encode(7)),
      cancel: () => Promise.reject(broken),
    },
    { highWaterMark: 0 },
  )
  const channel = { readable, writable: new WritableStream<Uint8Array>() }
  // What a client needs of a channel.
  const open = (() => channel) as unknown as Session["open"]
  const client = createClient<typeof methods>({ open, request: () => Promise.reject(broken) })
  expect(await client.sink("sum").result).toBe(7)
})

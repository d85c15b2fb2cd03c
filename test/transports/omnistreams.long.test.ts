import { once } from "node:events"
import { createServer } from "node:http"
import { collectBytes, duplexPair, from, toArray } from "@bellmouth/core"
import { type OmnistreamsSession, omnistreams } from "@bellmouth/mux/omnistreams"
import { webSocketTransport } from "@bellmouth/mux/transports"
import { Multiplexer, WebSocketTransport } from "omnistreams"
import { expect, test } from "vitest"
import { type WebSocket as ServerSocket, WebSocketServer } from "ws"

/** Our session, and the published package at the other end. */
interface Pair {
  readonly ours: OmnistreamsSession
  readonly theirs: Multiplexer
}

function inMemory(): Pair {
  const [here, there] = duplexPair<Uint8Array>()
  const theirs = new Multiplexer()
  const writer = there.writable.getWriter()
  theirs.setSendHandler((message) => void writer.write(message))
  const sink = new WritableStream<Uint8Array>({ write: (message) => theirs.handleMessage(message) })
  // Ours closes both directions of a pair at its end.
  void there.readable.pipeTo(sink).then(() => writer.close().catch(() => {}))
  return { ours: omnistreams(here), theirs }
}

async function overWebSocket(weServe: boolean): Promise<Pair> {
  const http = createServer()
  const server = new WebSocketServer({ server: http, perMessageDeflate: false })
  await once(http.listen(0, "127.0.0.1"), "listening")
  const address = http.address()
  const port = typeof address === "object" && address !== null ? address.port : 0
  const client = new WebSocket(`ws://127.0.0.1:${port}`)
  const opened = once(client, "open")
  const [socket]: ServerSocket[] = await once(server, "connection")
  if (socket === undefined) throw new Error("Cannot accept: no socket came")
  await opened
  http.close()
  if (weServe) {
    const theirs = new Multiplexer(new WebSocketTransport(client))
    return { ours: omnistreams(webSocketTransport(socket)), theirs }
  }
  const theirs = new Multiplexer(new WebSocketTransport(socket))
  return { ours: omnistreams(webSocketTransport(client)), theirs }
}

const pairs: Record<string, () => Pair | Promise<Pair>> = {
  "in memory": inMemory,
  "as the server of a WebSocket": () => overWebSocket(true),
  "as the client of a WebSocket": () => overWebSocket(false),
}

const chunkOf = (n: number): Uint8Array => new Uint8Array(1000).fill(n)

test.each(Object.entries(pairs))(
  "The published omnistreams sends to a session, as much as is asked for (%s)",
  async (_, make) => {
    const { ours, theirs } = await make()
    const consumer = theirs.createConduit(Uint8Array.of(9, 8))
    let sent = 0
    let asked = 0
    consumer?.onRequest((items) => {
      asked += items
      for (let n = 0; n < items && sent < 300; n++) consumer.write(chunkOf(sent++))
      if (sent === 300) consumer.end()
    })
    const accepting = ours.channels.getReader()
    const { value: channel } = await accepting.read()
    expect(channel?.metadata).toEqual(Uint8Array.of(9, 8))
    expect(asked).toBe(0)
    const chunks = await toArray(channel?.readable ?? from<Uint8Array>([]))
    expect(chunks).toEqual(Array.from({ length: 300 }, (_unused, n) => chunkOf(n)))
    expect(asked).toBeLessThanOrEqual(316)
    theirs.sendControlMessage(Uint8Array.of(1, 2, 3))
    const { value: message } = await ours.messages.getReader().read()
    expect(message).toEqual(Uint8Array.of(1, 2, 3))
    await ours.close()
  },
)

test.each(Object.entries(pairs))(
  "A session sends to the published omnistreams, as much as that asks for (%s)",
  async (_, make) => {
    const { ours, theirs } = await make()
    const { promise: ended, resolve } = Promise.withResolvers<void>()
    const came: number[] = []
    theirs.onConduit((producer, metadata) => {
      expect(metadata).toEqual(Uint8Array.of(7))
      producer.onData((data) => {
        came.push(data?.[0] ?? -1)
        producer.request(1)
      })
      producer.onEnd(resolve)
      producer.request(2)
    })
    const { promise: told, resolve: tell } = Promise.withResolvers<Uint8Array>()
    theirs.onControlMessage(tell)
    await from(Array.from({ length: 300 }, (_unused, n) => chunkOf(n))).pipeTo(
      ours.open(Uint8Array.of(7)),
    )
    await ended
    expect(came).toEqual(Array.from({ length: 300 }, (_unused, n) => n & 255))
    await ours.send(Uint8Array.of(5, 6))
    expect(await told).toEqual(Uint8Array.of(5, 6))
    await ours.close()
  },
)

test.each(Object.entries(pairs))("Both ends of omnistreams can cancel (%s)", async (_, make) => {
  const { ours, theirs } = await make()
  theirs.onConduit((producer) => {
    producer.onData(() => producer.terminate())
    producer.request(1)
  })
  const writer = ours.open().getWriter()
  writer.write(chunkOf(1)).catch(() => {}) // in one thread the cancel is there before it is done
  await expect(writer.closed).rejects.toMatchObject({ code: "CANCELLED" })
  const consumer = theirs.createConduit()
  const { promise: terminated, resolve } = Promise.withResolvers<void>()
  consumer?.onTermination(resolve)
  const { value: channel } = await ours.channels.getReader().read()
  await channel?.readable.cancel()
  await terminated
  expect(theirs.getConsumers()).toEqual([])
  await ours.close()
})

test.each(Object.entries(pairs))(
  "Channels of both ends at once, more than there are numbers (%s)",
  async (_, make) => {
    const { ours, theirs } = await make()
    theirs.onConduit((producer) => {
      // Each channel comes back as one of theirs.
      const consumer = theirs.createConduit()
      if (consumer !== null) producer.pipe(consumer)
    })
    const accepting = ours.channels.getReader()
    for (let round = 0; round < 6; round++) {
      const back = Array.from({ length: 100 }, async () => {
        const { value } = await accepting.read()
        return collectBytes(value?.readable ?? from<Uint8Array>([]))
      })
      for (let n = 0; n < 100; n++) void from([chunkOf(n), chunkOf(n)]).pipeTo(ours.open())
      const sizes = (await Promise.all(back)).map((bytes) => bytes.length)
      expect(sizes).toEqual(Array.from({ length: 100 }, () => 2000))
    }
    await ours.close()
  },
)

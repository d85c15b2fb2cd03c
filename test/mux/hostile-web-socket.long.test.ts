import { once } from "node:events"
import { createServer, type Server } from "node:http"
import { connect, type Session } from "@bellmouth/mux"
import { webSocketTransport } from "@bellmouth/mux/transports"
import { toUpgradeHandler, type UpgradeHandlerOptions } from "@bellmouth/node"
import { afterAll, beforeAll, expect, test } from "vitest"
import { WebSocketServer } from "ws"
import { collectGarbage } from "../garbage.ts"
import { BINARY, CLOSE, CONTINUATION, frame, PING, RawWebSocket, TEXT } from "./raw-web-socket.ts"

const LONGEST_MS = 5000
const MANY = 1_000_000
/** With what the client holds of its own flood. */
const MOST_HELD_BYTES = 8 * 1024 * 1024

type ServerOfWs = UpgradeHandlerOptions["WebSocketServer"]
type Lift = Partial<Record<"maxFragments" | "maxPayload", number>>

/** The same server with a limit lifted. */
function lifted(change: Lift): ServerOfWs {
  return class extends WebSocketServer {
    constructor(settings: ConstructorParameters<ServerOfWs>[0]) {
      super({ ...settings, ...change })
    }
  }
}

function usedBytes(): number {
  collectGarbage()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** A server of sessions over WebSockets, and what became of each. */
class Place {
  readonly server: Server = createServer()
  readonly sessions: Session[] = []
  port = 0

  async listen(Server: ServerOfWs): Promise<void> {
    const accept = toUpgradeHandler(
      (transport) => {
        const session = connect(transport, { helloTimeoutMs: 60_000, closeTimeoutMs: 100 })
        session.handle((body) => body.toReversed())
        this.sessions.push(session)
      },
      { WebSocketServer: Server, origins: [] },
    )
    this.server.on("upgrade", accept)
    await once(this.server.listen(0, "127.0.0.1"), "listening")
    const address = this.server.address()
    this.port = typeof address === "object" && address !== null ? address.port : 0
  }

  close(): void {
    this.server.closeAllConnections()
    this.server.close()
  }
}

const place = new Place()
let neighbour: Session

beforeAll(async () => {
  await place.listen(WebSocketServer)
  neighbour = connect(webSocketTransport(new WebSocket(`ws://127.0.0.1:${place.port}`)))
  await neighbour.ready
})
afterAll(async () => {
  await neighbour.close()
  place.close()
})

const start = frame(BINARY, 0, { fin: false })

/** What a client does; `lift` is the limit of `ws` without which it is not ended. */
interface Attack {
  readonly name: string
  readonly code: number
  readonly lift?: Lift
  /** The least that it has to have sent. */
  readonly floor: number
  play(socket: RawWebSocket): Promise<void>
}

const once1 = (bytes: Buffer) => (socket: RawWebSocket) => socket.flood(bytes)

const ATTACKS: readonly Attack[] = [
  {
    name: "a message of a million fragments without bytes",
    code: 1008,
    lift: { maxFragments: 0 },
    floor: 6 * 1024,
    async play(socket) {
      await socket.flood(start)
      await socket.flood(frame(CONTINUATION, 0, { fin: false }), MANY)
    },
  },
  {
    name: "a message of a million fragments of one byte",
    code: 1008,
    lift: { maxFragments: 0 },
    floor: 7 * 1024,
    async play(socket) {
      await socket.flood(start)
      await socket.flood(frame(CONTINUATION, 1, { fin: false }), MANY)
    },
  },
  {
    name: "a message of 1 MiB and one byte, which never comes",
    code: 1009,
    lift: { maxPayload: 0 },
    floor: 14,
    play: (socket) => socket.flood(frame(BINARY, 1024 * 1024 + 1).subarray(0, 14)),
  },
  { name: "text", code: 4003, floor: 7, play: once1(frame(TEXT, Buffer.from("hello"))) },
  {
    name: "text that is not UTF-8",
    code: 1007,
    floor: 8,
    play: once1(frame(TEXT, Buffer.from([0xc3, 0x28]))),
  },
  {
    name: "a compressed message",
    code: 1002,
    floor: 7,
    play: once1(frame(BINARY, 5, { reserved: 4 })),
  },
  {
    name: "a frame without a mask",
    code: 1002,
    floor: 7,
    play: once1(frame(BINARY, 5, { masked: false })),
  },
  { name: "a frame of no known type", code: 1002, floor: 6, play: once1(frame(3)) },
  { name: "a fragment of no message", code: 1002, floor: 6, play: once1(frame(CONTINUATION)) },
  { name: "a ping of 126 bytes", code: 1002, floor: 130, play: once1(frame(PING, 126)) },
  { name: "a close of one byte", code: 1002, floor: 7, play: once1(frame(CLOSE, 1)) },
]

test.each(ATTACKS)("A WebSocket is ended at: $name", async ({ code, floor, lift, play }) => {
  const before = usedBytes()
  const socket = await RawWebSocket.connect(place.port)
  const session = place.sessions.at(-1)
  const played = play(socket)
  const body = Uint8Array.of(1, 2, 3)
  expect(await neighbour.request(body.slice())).toEqual(body.toReversed())
  await played
  expect(await socket.endsWithin(LONGEST_MS)).toBe(true)
  // Of a flood the answer may be lost: what comes behind it resets the connection.
  if (lift === undefined || socket.code !== undefined) expect(socket.code).toBe(code)
  expect(socket.sent).toBeGreaterThanOrEqual(floor)
  await expect(session?.closed).rejects.toMatchObject({ code: "CONNECTION_LOST" })
  expect(await neighbour.request(body.slice())).toEqual(body.toReversed())
  expect(usedBytes() - before).toBeLessThan(MOST_HELD_BYTES)
})

test.each(ATTACKS.filter(({ lift }) => lift !== undefined))(
  "Without its limit a WebSocket stands: $name",
  async ({ lift = {}, play }) => {
    const open = new Place()
    await open.listen(lifted(lift))
    const socket = await RawWebSocket.connect(open.port)
    await play(socket)
    expect(await socket.endsWithin(500)).toBe(false)
    socket.destroy()
    open.close()
  },
)

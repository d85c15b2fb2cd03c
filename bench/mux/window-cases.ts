import { setImmediate as nextTurn, setTimeout as wait } from "node:timers/promises"
import { VirtualClock } from "@bellmouth/core"
import { connect, type Transport } from "@bellmouth/mux"
import { createTransport, type TransportController } from "@bellmouth/mux/transports"
import type { Row } from "../harness/row.ts"
import { type Carrier, transports } from "./carriers.ts"

const FRAME_BYTES = 65_536
const HEADER_BYTES = 8
const WINDOW_BYTES = { memory: 262_144, TCP: 262_144, WebSocket: 262_144, MessagePort: 524_288 }

/** What a reader that stops comes to hold, and what one channel makes of a long link. */
export async function* windowCases(): AsyncGenerator<Row> {
  for (const carrier of ["memory", "TCP", "WebSocket", "MessagePort"] as const) {
    for (const size of [100, 10_000, FRAME_BYTES]) {
      const name = `a reader that stops, ${size} B chunks, ${carrier}: taken, of a window and a frame`
      const most = WINDOW_BYTES[carrier] + HEADER_BYTES + FRAME_BYTES
      const value = (await accepted(carrier, size)) / most
      yield { name, value, unit: "of", floor: 1 }
    }
  }
  const name = "one channel on a link of 100 MB/s and 50 ms, after 2 s: of the link"
  yield { name, value: await shareOfLink(), unit: "x", floor: 0.8 }
}

/** The bytes, headers and all, that a channel takes while nobody reads at the other end. */
async function accepted(carrier: Carrier, size: number): Promise<number> {
  const { here, there, close } = await transports(carrier)
  const [client, server] = [connect(here), connect(there)]
  await client.ready
  const writer = client.open().writable.getWriter()
  writer.closed.catch(() => {}) // cut at the end
  let bytes = 0
  let isStopped = false
  while (!isStopped) {
    const write = writer.write(new Uint8Array(size)).then(
      () => true,
      () => false,
    )
    isStopped = !(await Promise.race([write, wait(50, false)]))
    if (!isStopped) bytes += HEADER_BYTES + size
  }
  void client.abort()
  void server.abort()
  close()
  return bytes
}

const LINK_BYTES_PER_MS = 100_000
const DELAY_MS = 50

/** One direction: so many bytes in a millisecond, each 50 ms under way. */
class LongWay {
  readonly #clock: VirtualClock
  readonly #from: () => TransportController | undefined
  readonly #to: () => TransportController | undefined
  #free = 0
  #waiting = false

  constructor(
    clock: VirtualClock,
    from: () => TransportController | undefined,
    to: () => TransportController | undefined,
  ) {
    this.#clock = clock
    this.#from = from
    this.#to = to
  }

  send(bytes: Uint8Array): boolean {
    const now = this.#clock.now()
    const copy = new Uint8Array(bytes)
    this.#free = Math.max(this.#free, now) + bytes.length / LINK_BYTES_PER_MS
    this.#clock.schedule(() => this.#to()?.enqueue(copy), this.#free - now + DELAY_MS)
    // Two milliseconds of the link wait before it, as in a socket.
    if (this.#free - now < 2) return true
    if (!this.#waiting) this.#clock.schedule(() => this.#drain(), this.#free - now - 1)
    this.#waiting = true
    return false
  }

  #drain(): void {
    this.#waiting = false
    this.#from()?.drain()
  }
}

function longLink(clock: VirtualClock): [Transport, Transport] {
  const ends: (TransportController | undefined)[] = [undefined, undefined]
  const end = (index: number): Transport => {
    const way = new LongWay(
      clock,
      () => ends[index],
      () => ends[1 - index],
    )
    return createTransport({
      halfClose: true,
      start(controller) {
        ends[index] = controller
      },
      write: (bytes) => way.send(bytes),
      close() {},
      abort() {},
      release() {},
    })
  }
  return [end(0), end(1)]
}

async function shareOfLink(): Promise<number> {
  const clock = new VirtualClock()
  const [here, there] = longLink(clock)
  const [client, server] = [connect(here, { clock }), connect(there, { clock })]
  let seen = 0
  let isOver = false
  server.serve(async ({ readable }) => {
    for await (const chunk of readable) seen += chunk.length
  })
  const writer = client.open().writable.getWriter()
  const write = async (): Promise<void> => {
    while (!isOver) await writer.write(new Uint8Array(32_768))
  }
  write().catch(() => {}) // cut at the end
  await pass(clock, 2000)
  const before = seen
  await pass(clock, 1000)
  isOver = true
  const share = (seen - before) / (1000 * LINK_BYTES_PER_MS)
  for (const { closed } of [client, server]) closed.catch(() => {})
  void client.abort()
  void server.abort()
  await clock.advance(5000)
  return share
}

/** Pipes let the event loop go on now and then, which a clock does not wait for. */
async function pass(clock: VirtualClock, ms: number): Promise<void> {
  for (let now = 0; now < ms; now++) {
    await clock.advance(1)
    await nextTurn()
  }
}

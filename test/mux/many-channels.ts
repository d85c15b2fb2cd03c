import { setImmediate as nextTurn } from "node:timers/promises"
import { duplexPair } from "@bellmouth/core"
import { type Channel, connect } from "@bellmouth/mux"

/** What a run says of itself when it comes to its end. */
export interface ManyChannels {
  /** Handlers that were at work at one moment. */
  readonly together: number
  readonly completed: number
  /** Echoed and compared. */
  readonly bytes: number
  /** The least and the most that the writer of a stalled channel was let write. */
  readonly leastStalledBytes: number
  readonly mostStalledBytes: number
}

const CHANNELS = 10_000
const CHUNK_BYTES = 1024
const WINDOW_BYTES = 4096
/** What each stalled channel would write, if it were let: 1 GiB. */
const STALLED_CHUNKS = 1_048_576
/** Each has to be given credit: it writes more than its window. */
const LIVELY_CHUNKS = 5
/** What the only lively channel writes. */
const LONELY_CHUNKS = 4096
const QUIET_TURNS = 50
const IS_STALLED = Uint8Array.of(1)

/**
 * Ten thousand channels of one connection, all open together; the handlers of `stalledCount` read
 * nothing, the others echo, and every byte is compared. Ends once the stalled write no more. Where
 * nobody else watches over its memory, it exits with 137 itself past `mostRssBytes`.
 */
const [stalledCount = 0, mostRssBytes = 0] = process.argv.slice(2).map(Number)
if (mostRssBytes > 0) {
  const timer = setInterval(() => {
    if (process.memoryUsage.rss() > mostRssBytes) process.exit(137)
  }, 10)
  timer.unref()
}

const [here, there] = duplexPair<Uint8Array>()
const limits = {
  windowBytes: WINDOW_BYTES,
  maxWindowBytes: WINDOW_BYTES,
  maxFrameBytes: WINDOW_BYTES,
  maxItemBytes: WINDOW_BYTES,
  maxChannels: CHANNELS,
  maxQueuedBytes: WINDOW_BYTES,
  maxPendingOpens: CHANNELS,
}
const client = connect(here, limits)
const server = connect(there, limits)
const released = Promise.withResolvers<void>()
const isTogether = Promise.withResolvers<void>()
let together = 0
server.serve(async (channel) => {
  together++
  if (together === CHANNELS) isTogether.resolve()
  await isTogether.promise
  if (channel.metadata[0] === 1) await released.promise
  else await channel.readable.pipeTo(channel.writable)
})

const stalled = Array.from({ length: stalledCount }, () => client.open(IS_STALLED))
const writtenBytes = stalled.map(() => 0)
for (const [at, channel] of stalled.entries()) {
  // It ends by the abort of the session.
  void stall(at, channel).catch(() => {})
}
// They have stalled before the others begin.
await untilQuiet()
const each = stalledCount < CHANNELS / 2 ? LIVELY_CHUNKS : LONELY_CHUNKS
const echoes = await Promise.all(
  Array.from({ length: CHANNELS - stalledCount }, (_, number) => echo(number, each)),
)
await untilQuiet()
const said: ManyChannels = {
  together,
  completed: echoes.length,
  bytes: echoes.reduce((sum, bytes) => sum + bytes, 0),
  leastStalledBytes: Math.min(...writtenBytes),
  mostStalledBytes: Math.max(...writtenBytes),
}
process.stdout.write(`${JSON.stringify(said)}\n`)
released.resolve()
await Promise.all([client.abort(), server.abort()])

async function stall(at: number, channel: Channel): Promise<void> {
  const writer = channel.writable.getWriter()
  for (let n = 0; n < STALLED_CHUNKS; n++) {
    await writer.ready
    await writer.write(chunkOf(at, n))
    writtenBytes[at] = (n + 1) * CHUNK_BYTES
  }
}

/** Writes so many chunks and compares what comes back; gives the bytes of it. */
async function echo(number: number, chunks: number): Promise<number> {
  const channel = client.open()
  const writing = write(channel, number, chunks)
  let bytes = 0
  for await (const chunk of channel.readable) {
    const wanted = chunkOf(number, bytes / CHUNK_BYTES)
    if (Buffer.compare(chunk, wanted) !== 0) throw new Error(`Channel ${number} has other bytes`)
    bytes += chunk.byteLength
  }
  await writing
  return bytes
}

async function write(channel: Channel, number: number, chunks: number): Promise<void> {
  const writer = channel.writable.getWriter()
  for (let n = 0; n < chunks; n++) {
    await writer.ready
    await writer.write(chunkOf(number, n))
  }
  await writer.close()
}

function chunkOf(number: number, at: number): Uint8Array {
  const chunk = new Uint8Array(CHUNK_BYTES).fill((31 * number + at) % 251)
  new DataView(chunk.buffer).setUint32(0, number)
  new DataView(chunk.buffer).setUint32(4, at)
  return chunk
}

/** Until no stalled channel has written for some turns. */
async function untilQuiet(): Promise<void> {
  const total = (): number => writtenBytes.reduce((sum, bytes) => sum + bytes, 0)
  for (let quiet = 0, last = total(); quiet < QUIET_TURNS; quiet++) {
    await nextTurn()
    const now = total()
    if (now !== last) quiet = 0
    last = now
  }
}

import { duplexPair, stage } from "@bellmouth/core"
import { expect, test } from "vitest"
import type { Channel } from "../channel/channel.ts"
import { MuxError } from "../wire/mux-error.ts"
import { Session } from "./session.ts"
import type { SessionOptions } from "./session-options.ts"

type Random = (below: number) => number

/** A small generator of numbers, the same for the same seed. */
function randomOf(seed: number): Random {
  let state = seed + 0x9e37_79b9
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b_3c6d) + 0x6d2b_79f5) | 0
    const mixed = Math.imul(state ^ (state >>> 12), 0x297a_2d39)
    return ((mixed ^ (mixed >>> 15)) >>> 0) % below
  }
}

/** A transform that cuts and joins nothing, but cuts anywhere. */
function cutter(random: Random): ReadableWritablePair<Uint8Array, Uint8Array> {
  return stage<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      for (let at = 0; at < chunk.length; ) {
        const end = at + 1 + random(2000)
        controller.enqueue(chunk.slice(at, end))
        at = end
      }
    },
  })
}

function sessionPair(random: Random, options: SessionOptions): [Session, Session] {
  const [here, there] = duplexPair<Uint8Array>()
  const sessions: [Session, Session] = [new Session(options), new Session(options)]
  const ends = [here, there] as const
  sessions.forEach((session, n) => {
    const end = ends[n]
    if (end === undefined) return
    end.readable
      .pipeThrough(cutter(random))
      .pipeThrough(session)
      .pipeTo(end.writable)
      .catch(() => {}) // `closed` tells
  })
  return sessions
}

const endings = new Map<string, number>()

function seen(ending: string): void {
  endings.set(ending, (endings.get(ending) ?? 0) + 1)
}

/** Writes chunks whose bytes count on, and ends in some way. */
async function produce(
  writable: Channel["writable"],
  channel: Channel,
  random: Random,
): Promise<void> {
  const writer = writable.getWriter()
  try {
    let byte = 0
    for (let n = random(12); n > 0; n--) {
      const chunk = new Uint8Array(random(3) === 0 ? random(9000) : random(40))
      for (let i = 0; i < chunk.length; i++) chunk[i] = byte++
      await writer.write(random(4) === 0 ? [chunk] : chunk)
    }
    switch (random(4)) {
      case 0:
        seen("abort")
        return await writer.abort(new MuxError("APPLICATION", "Aborted", { wireCode: 500 }))
      case 1:
        seen("fail")
        return channel.fail(new MuxError("APPLICATION", "Failed", { wireCode: 501 }))
      default:
        await writer.close()
        seen("close")
    }
  } catch (error) {
    seen("write failed")
    // A writable that has failed refuses `close()` with a TypeError, as the standard says.
    if (!(error instanceof MuxError || error instanceof TypeError)) throw error
  }
}

/** Reads and checks the bytes, and may give up. */
async function consume(readable: ReadableStream<Uint8Array>, random: Random): Promise<void> {
  const reader = readable.getReader()
  let byte = 0
  try {
    for (let n = random(30); n > 0; n--) {
      const { done, value } = await reader.read()
      if (done) return seen("read to the end")
      if (value.some((each) => each !== (byte++ & 255))) throw new Error(`Byte ${byte} is wrong`)
    }
    await reader.cancel(new MuxError("CANCELLED", "Enough"))
    seen("cancel")
  } catch (error) {
    if (!(error instanceof MuxError)) throw error
    seen("read failed")
  }
}

async function run(seed: number): Promise<void> {
  const random = randomOf(seed)
  const [a, b] = sessionPair(random, {
    windowBytes: 1 + random(5000),
    maxFrameBytes: 4096 + random(4000),
    maxChannels: 1 + random(5),
    maxQueuedBytes: 1 + random(20_000),
    maxItemBytes: 10_000,
  })
  const used = (channel: Channel): Promise<unknown> =>
    Promise.all([produce(channel.writable, channel, random), consume(channel.readable, random)])
  const work: Promise<unknown>[] = []
  for (const session of [a, b]) {
    session.serve(async (channel) => {
      await used(channel)
    })
    session.handle((body) => body.toReversed())
    for (let n = random(8); n > 0; n--) {
      if (random(3) > 0) {
        const channel = session.open(new Uint8Array(random(100)))
        work.push(
          used(channel),
          channel.finished.catch(() => {}),
        )
        continue
      }
      const body = new Uint8Array(random(9000)).fill(n)
      const asked = session.request(body.slice())
      work.push(asked.then((reply) => expect(reply).toEqual(body)))
    }
  }
  await Promise.all(work)
  await Promise.all([a.close(), b.close(), a.closed, b.closed])
}

async function inTime(work: Promise<void>, name: string): Promise<void> {
  let stop = (): void => {}
  const late = new Promise<void>((_resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`It hangs: ${name}`)), 10_000)
    stop = () => clearTimeout(timer)
  })
  await Promise.race([work, late]).finally(stop)
}

test("Whatever two sides do with their channels, all bytes are right, all ends come, and both close", async () => {
  for (let seed = 0; seed < 300; seed++) {
    await inTime(run(seed), `seed ${seed}`)
  }
  for (const ending of ["abort", "fail", "close", "cancel", "write failed", "read failed"]) {
    expect(endings.get(ending), ending).toBeGreaterThan(30)
  }
})

import assert from "node:assert/strict"
import { setImmediate as nextTurn } from "node:timers/promises"
import { duplexPair } from "@bellmouth/core"
import { type Channel, MuxError, Session, type SessionOptions } from "@bellmouth/mux"
import type { Tamper } from "../simulate.ts"
import { FRAME_BYTES, otherOf, type Side, type WireDirection, WireModel } from "./wire-model.ts"

/** Turns of the event loop without a frame, after which nothing more comes. */
const QUIET_TURNS = 3
const MOST_TURNS = 2000

export const FAILED = 300
export const ABORTED = 301
export const CANCELLED = 302

/** One side of a channel in use. */
class RealEnd {
  readonly writer: WritableStreamDefaultWriter<Uint8Array>
  readonly reader: ReadableStreamDefaultReader<Uint8Array>
  /** Of each item that was written, whether it was taken. */
  readonly taken = new Set<number>()
  readonly channel: Channel

  constructor(channel: Channel) {
    this.channel = channel
    this.writer = channel.writable.getWriter()
    this.reader = channel.readable.getReader()
    this.writer.closed.catch(() => {}) // each write tells
    this.reader.closed.catch(() => {}) // each read tells
  }
}

export type RealChannel = Readonly<Record<Side, RealEnd>> & { readonly number: number }

/** Two sessions of real streams, and what the model wants to know of them. */
export class RealWorld {
  readonly sessions: Readonly<Record<Side, Session>>
  readonly wire: WireModel
  readonly channels: (RealChannel | undefined)[] = [undefined]
  readonly #accepts: Readonly<Record<Side, ReadableStreamDefaultReader<Channel>>>
  readonly #messages: Readonly<Record<Side, ReadableStreamDefaultReader<Uint8Array>>>

  constructor(options: SessionOptions & { readonly windowBytes: number }, tamper?: Tamper) {
    this.wire = new WireModel(options.windowBytes)
    const [here, there] = duplexPair<Uint8Array>()
    const make = (side: Side, end: typeof here): Session => {
      const { windowBytes } = options
      const session = new Session({
        ...options,
        maxWindowBytes: windowBytes,
        maxFrameBytes: FRAME_BYTES,
        maxItemBytes: 65_536,
      })
      session.handle((body) => body.toReversed())
      const sent = session.readable.pipeThrough(this.wire.watch(side))
      const pipes = [
        end.readable.pipeTo(session.writable),
        (tamper === undefined ? sent : sent.pipeThrough(tamper())).pipeTo(end.writable),
      ]
      for (const pipe of pipes) pipe.catch(() => {}) // `closed` tells
      return session
    }
    this.sessions = { near: make("near", here), far: make("far", there) }
    const { near, far } = this.sessions
    this.#accepts = { near: near.channels.getReader(), far: far.channels.getReader() }
    this.#messages = { near: near.messages.getReader(), far: far.messages.getReader() }
  }

  /** Waits until nothing more goes over the wire. */
  async settle(): Promise<void> {
    let { frames } = this.wire
    for (let quiet = 0, turn = 0; quiet < QUIET_TURNS; quiet++) {
      await nextTurn()
      if (this.wire.frames !== frames) quiet = 0
      frames = this.wire.frames
      assert(turn++ < MOST_TURNS, "The wire does not come to rest")
    }
  }

  /** What has to come while nothing else happens. */
  async soon<T>(work: Promise<T>, what: string): Promise<T> {
    let isSettled = false
    const settled = (): void => {
      isSettled = true
    }
    work.then(settled, settled)
    for (let turn = 0; turn < MOST_TURNS && !isSettled; turn++) await nextTurn()
    assert(isSettled, `${what} does not come`)
    return work
  }

  async open(side: Side, head: Uint8Array): Promise<void> {
    const opened = this.sessions[side].open(head.slice())
    const peer = otherOf(side)
    const { value: accepted } = await this.soon(this.#accepts[peer].read(), "A channel")
    assert(accepted !== undefined, "The channels have ended")
    assert.deepEqual(Buffer.from(accepted.metadata), Buffer.from(head))
    const number = opened.id
    assert(number !== undefined && accepted.id === -number, "The numbers are not the same")
    const ends = { [side]: new RealEnd(opened), [peer]: new RealEnd(accepted) }
    this.channels.push({ ...(ends as Record<Side, RealEnd>), number })
  }

  /** Writes without waiting: credit may come later. */
  write(at: number, side: Side, number: number, size: number): void {
    const end = this.channels[at]?.[side]
    const item = itemOf(number, size)
    const written = end === undefined ? this.sessions[side].send(item) : end.writer.write(item)
    written.then(
      () => end?.taken.add(number),
      () => {}, // the end of the direction tells
    )
  }

  async read(at: number, side: Side): Promise<ReadableStreamReadResult<Uint8Array>> {
    const reader = this.channels[at]?.[side].reader ?? this.#messages[side]
    return this.soon(reader.read(), `What ${side} reads on channel ${at}`)
  }

  /** What `sender` sends on a channel, on the wire. */
  wireOf(opener: Side, at: number, sender: Side): WireDirection {
    return this.wire.direction(opener, this.channels[at]?.number ?? 0, sender)
  }

  end(at: number, side: Side): RealEnd {
    const end = this.channels[at]?.[side]
    assert(end !== undefined, `There is no channel ${at}`)
    return end
  }
}

/** Every item is told from every other by its first bytes, and whole by the rest. */
export function itemOf(number: number, size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, at) => (number * 31 + at * 7 + (at >> 8)) & 255)
}

export function failure(wireCode: number): MuxError {
  return new MuxError("APPLICATION", `Code ${wireCode}`, { wireCode })
}

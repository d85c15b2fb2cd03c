import { VirtualClock } from "@bellmouth/core"
import { collectGarbage } from "../../garbage.ts"
import { cpuMs } from "./cpu-time.ts"
import { HostilePeer } from "./hostile-peer.ts"
import type { Mux } from "./import-mux.ts"
import { Neighbour } from "./neighbour.ts"
import type { Noise } from "./noise.ts"
import type { Script } from "./script.ts"
import { makeVictim } from "./victim.ts"

/** The longest that a script may take to its end: of its session's time, and of this process's work. */
const LONGEST_MS = 5000
/** However busy the machine is. */
export const PATIENCE_MS = 30_000
/** How many replies of the neighbour are awaited for the end, when all was sent. */
const PATIENCE = 20
/** What the peer's own work takes in this process, and little else. */
const MOST_WAITED_MS = 2000
const MOST_HELD_BYTES = 2_097_152

/** How a script is played. */
export interface PlayOptions {
  /** How long it may take, however busy the machine is. */
  readonly patienceMs: number
  /** Whether the session is told that its transport is a stream of bytes: it reads and writes otherwise. */
  readonly isByteStream: boolean
}

/** How a script went. */
export interface Verdict {
  readonly name: string
  readonly violations: readonly string[]
  readonly frames: number
  readonly bytes: number
  readonly heldBytes: number
  readonly answered: number
  /** The longest that the neighbour has waited for a reply. */
  readonly waitedMs: number
  readonly ms: number
}

function usedBytes(): number {
  collectGarbage()
  collectGarbage()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

/** Plays a script against a package, with an honest neighbour beside it. */
export async function play(
  script: Script,
  mux: Mux,
  noise: Noise,
  { patienceMs, isByteStream }: PlayOptions,
): Promise<Verdict> {
  const { over = "memory", ends = "PROTOCOL", isTold = true, floor = { frames: 1 } } = script
  const violations: string[] = []
  const claim = (isTrue: boolean, what: string): void => {
    if (!isTrue && violations.length < 10) violations.push(what)
  }
  const clock = new VirtualClock()
  const neighbour = await Neighbour.beside(mux, over)
  // Over TCP time is real: whole buffers of the system have to be drained.
  const time = over === "memory" ? { clock, isByteStream } : {}
  const victim = await makeVictim(mux, over, { ...time, ...script.options })
  const peer = new HostilePeer(victim)
  const { session } = victim
  const before = usedBytes()
  let heldBytes = 0
  const measure = (): void => {
    heldBytes = Math.max(heldBytes, usedBytes() - before)
  }
  const began = cpuMs()
  const answeredBefore = neighbour.answered
  const timer = Promise.withResolvers<void>()
  const timeout = setTimeout(timer.resolve, patienceMs)
  const scene = { mux, peer, session, clock, neighbour, claim, measure }
  const playing = script.play(scene).catch((error: unknown) => claim(false, `threw ${error}`))
  await Promise.race([playing, timer.promise])
  for (let n = 0; n < PATIENCE && !peer.isOver; n++) await neighbour.answers(1)
  await clock.advance(LONGEST_MS)
  await neighbour.answers(2)
  clearTimeout(timeout)
  const ms = cpuMs() - began
  measure()
  claim(peer.isOver, "the session still stands")
  claim(ms < LONGEST_MS, `it took ${Math.round(ms)} ms`)
  if (peer.isOver) {
    const ended = await session.closed.then(
      () => "CLOSED",
      (error: { code?: string }) => error.code ?? "an error without a code",
    )
    claim(ended === ends, `it ended in ${ended}`)
    if (isTold) claim(isGoaway(peer, mux, ends), `the peer was told ${JSON.stringify(peer.last)}`)
  }
  claim(peer.frames >= (floor.frames ?? 0), `only ${peer.frames} frames were sent`)
  claim(peer.bytes >= (floor.bytes ?? 0), `only ${peer.bytes} bytes were sent`)
  const most = script.maxHeldBytes ?? MOST_HELD_BYTES
  claim(heldBytes <= most, `${heldBytes} bytes are held, at most ${most} may be`)
  claim(neighbour.answered - answeredBefore >= 2, "the neighbour was not answered")
  const waitedMs = neighbour.longestMs
  claim(waitedMs < MOST_WAITED_MS, `the neighbour waited ${Math.round(waitedMs)} ms for a reply`)
  violations.push(...neighbour.faults, ...noise.take())
  victim.reset()
  await session.abort()
  await neighbour.stop()
  const { frames, bytes } = peer
  const answered = neighbour.answered - answeredBefore
  return { name: script.name, violations, frames, bytes, heldBytes, answered, waitedMs, ms }
}

function isGoaway(peer: HostilePeer, mux: Mux, code: Script["ends"]): boolean {
  if (peer.last?.type !== "goaway" || code === undefined) return false
  return mux.MuxError.fromWire(peer.last.code, "").code === code
}

import { systemClock } from "@bellmouth/core"
import { HEADER_BYTES, MOST } from "../wire/frame.ts"
import type { SessionOptions } from "./session-options.ts"

/** The options of a session, each with its value. */
export type Limits = Required<Omit<SessionOptions, "app">>

/** What a limit is if it is not given, the least that it may be, and the most. */
type Range = readonly [otherwise: number, least: number, most: number]

type Name = Exclude<keyof Limits, "isByteStream" | "clock">
/** Those whose ranges depend on no other. */
type Fixed = Exclude<Name, "maxWindowBytes" | "maxBufferedBytes">

const LARGEST = Number.MAX_SAFE_INTEGER

export const RANGES: Readonly<Record<Fixed, Range>> = {
  windowBytes: [262_144, 1, MOST],
  sharedWindowBytes: [16_384, 1, MOST],
  maxFrameBytes: [65_536, 4096, 2 ** 24 - 1],
  maxItemBytes: [16_777_216, 0, LARGEST],
  maxChannels: [100, 0, MOST],
  maxQueuedBytes: [262_144, 1, LARGEST],
  maxPendingOpens: [1024, 0, LARGEST],
  batchBytes: [16_384, 1, LARGEST],
  helloTimeoutMs: [10_000, 0, MOST],
  idleTimeoutMs: [0, 0, LARGEST],
  closeTimeoutMs: [2000, 0, MOST],
}

/** @throws {RangeError} when a limit is out of its range, or the limits exceed the budget. */
export function limitsOf(options: SessionOptions): Limits {
  const { isByteStream = false, clock = systemClock } = options
  const read = (name: Name, [otherwise, least, most]: Range): number =>
    checkLimit(name, options[name] ?? otherwise, least, most)
  // Each of them is there, and has a number.
  const fixed = {} as Record<Fixed, number>
  for (const name of Object.keys(RANGES) as Fixed[]) fixed[name] = read(name, RANGES[name])
  const { windowBytes, maxFrameBytes } = fixed
  const widest = Math.max(16_777_216, windowBytes)
  const filled = leastBufferedBytes(fixed)
  // One channel that is opened here has to find room some time.
  const least = filled + costOfWindow(windowBytes, maxFrameBytes)
  return {
    ...fixed,
    maxWindowBytes: read("maxWindowBytes", [widest, windowBytes, MOST]),
    maxBufferedBytes: read("maxBufferedBytes", [2 * filled, least, LARGEST]),
    isByteStream,
    clock,
  }
}

/** Gives the value. Throws a `RangeError` when it is out of its range. */
export function checkLimit(name: string, value: number, least: number, most: number): number {
  if (isWithin(value, least, most)) return value
  throw new RangeError(`Cannot use ${name} ${value}: want an integer from ${least} to ${most}`)
}

/** Whether it is an integer in that range. */
export function isWithin(value: unknown, least: number, most: number): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= least && value <= most
}

/** What the peer may fill whatever else happens: its channels, its messages, one item being joined. */
export function leastBufferedBytes(
  limits: Pick<Limits, "windowBytes" | "maxFrameBytes" | "maxItemBytes" | "maxChannels">,
): number {
  const { windowBytes, maxFrameBytes, maxItemBytes, maxChannels } = limits
  return (maxChannels + 1) * costOfWindow(windowBytes, maxFrameBytes) + 2 * maxItemBytes
}

/** What a reader that has stopped can come to hold: the window, and the frame that overshoots it. */
export function costOfWindow(windowBytes: number, maxFrameBytes: number): number {
  return windowBytes + HEADER_BYTES + maxFrameBytes
}

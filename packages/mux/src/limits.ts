import { systemClock } from "@bellmouth/core"
import { HEADER_BYTES, MOST } from "./frame.ts"
import type { SessionOptions } from "./session-options.ts"

/** The options of a session, each with its value. */
export type Limits = Required<Omit<SessionOptions, "app">>

/** The least `frame` that a peer may ask for, and the most. */
export const LEAST_FRAME_BYTES = 4096
export const MOST_FRAME_BYTES: number = 2 ** 24 - 1

const LARGEST = Number.MAX_SAFE_INTEGER

type Name = Exclude<keyof Limits, "isByteStream" | "clock">

/** @throws {RangeError} when a limit is out of its range, or the limits exceed the budget. */
export function limitsOf(options: SessionOptions): Limits {
  const { isByteStream = false, clock = systemClock } = options
  const number = (name: Name, otherwise: number, least: number, most: number): number => {
    const value = options[name] ?? otherwise
    if (Number.isInteger(value) && value >= least && value <= most) return value
    throw new RangeError(`Cannot use ${name} ${value}: want an integer from ${least} to ${most}`)
  }
  const windowBytes = number("windowBytes", 262_144, 1, MOST)
  const known = {
    windowBytes,
    maxWindowBytes: number("maxWindowBytes", Math.max(16_777_216, windowBytes), windowBytes, MOST),
    maxFrameBytes: number("maxFrameBytes", 65_536, LEAST_FRAME_BYTES, MOST_FRAME_BYTES),
    maxItemBytes: number("maxItemBytes", 16_777_216, 0, LARGEST),
    maxChannels: number("maxChannels", 100, 0, MOST),
    maxQueuedBytes: number("maxQueuedBytes", 262_144, 1, LARGEST),
    maxPendingOpens: number("maxPendingOpens", 1024, 0, LARGEST),
    batchBytes: number("batchBytes", 16_384, 1, LARGEST),
    helloTimeoutMs: number("helloTimeoutMs", 10_000, 0, MOST),
    idleTimeoutMs: number("idleTimeoutMs", 0, 0, MOST),
    closeTimeoutMs: number("closeTimeoutMs", 2000, 0, MOST),
    isByteStream,
    clock,
  }
  const least = leastBufferedBytes(known)
  return { ...known, maxBufferedBytes: number("maxBufferedBytes", 2 * least, least, LARGEST) }
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

import { systemClock } from "@bellmouth/core"
import { HEADER_BYTES, MOST } from "./frame.ts"
import type { SessionOptions } from "./session-options.ts"

/** The options of a session, each with its value. */
export type Limits = Required<Omit<SessionOptions, "app">>

/** The least `frame` that a peer may ask for. */
export const LEAST_FRAME_BYTES = 4096

const MOST_FRAME_BYTES = 2 ** 24 - 1

/** @throws {RangeError} when a limit is out of its range, or the limits exceed the budget. */
export function limitsOf(options: SessionOptions): Limits {
  const {
    windowBytes = 262_144,
    maxWindowBytes = Math.max(16_777_216, windowBytes),
    maxFrameBytes = 65_536,
    maxItemBytes = 16_777_216,
    maxChannels = 100,
    maxQueuedBytes = 262_144,
    maxPendingOpens = 1024,
    batchBytes = 16_384,
    isByteStream = false,
    helloTimeoutMs = 10_000,
    idleTimeoutMs = 0,
    closeTimeoutMs = 2000,
    clock = systemClock,
  } = options
  check("windowBytes", windowBytes, 1, MOST)
  check("maxWindowBytes", maxWindowBytes, windowBytes, MOST)
  check("maxFrameBytes", maxFrameBytes, LEAST_FRAME_BYTES, MOST_FRAME_BYTES)
  check("maxItemBytes", maxItemBytes, 0, Number.MAX_SAFE_INTEGER)
  check("maxChannels", maxChannels, 0, MOST)
  check("maxQueuedBytes", maxQueuedBytes, 1, Number.MAX_SAFE_INTEGER)
  check("maxPendingOpens", maxPendingOpens, 0, Number.MAX_SAFE_INTEGER)
  check("batchBytes", batchBytes, 1, Number.MAX_SAFE_INTEGER)
  check("helloTimeoutMs", helloTimeoutMs, 0, MOST)
  check("idleTimeoutMs", idleTimeoutMs, 0, MOST)
  check("closeTimeoutMs", closeTimeoutMs, 0, MOST)
  const least = leastBufferedBytes({ windowBytes, maxFrameBytes, maxItemBytes, maxChannels })
  const { maxBufferedBytes = 2 * least } = options
  check("maxBufferedBytes", maxBufferedBytes, least, Number.MAX_SAFE_INTEGER)
  return {
    windowBytes,
    maxWindowBytes,
    maxFrameBytes,
    maxItemBytes,
    maxChannels,
    maxQueuedBytes,
    maxBufferedBytes,
    maxPendingOpens,
    batchBytes,
    isByteStream,
    helloTimeoutMs,
    idleTimeoutMs,
    closeTimeoutMs,
    clock,
  }
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

function check(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return
  throw new RangeError(`Cannot use ${name} ${value}: want an integer from ${least} to ${most}`)
}

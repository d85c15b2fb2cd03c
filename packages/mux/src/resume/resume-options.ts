import { type Clock, systemClock } from "@bellmouth/core"
import { MOST } from "../wire/frame.ts"
import { MuxError } from "../wire/mux-error.ts"

/** The other side is told how far this one is, at the latest after so much. */
export const ACK_BYTES = 65_536

/** Options of both sides of a session that outlives its transports. */
export interface ResumeOptions {
  /** How long a session waits for a new transport, in ms. Default 60,000. */
  readonly keepMs?: number
  /**
   * Bytes that were sent and not acknowledged, at which sending stops until they are. Default 4 MiB
   * (4,194,304), at least 65,536: so much may go unacknowledged; it is passed by one chunk at most.
   */
  readonly maxReplayBytes?: number
  /** The longest frame that is taken: the session's own limit, or more. Default 65,536. */
  readonly maxFrameBytes?: number
  /** How long a greeting may take, in ms. Default 10,000. */
  readonly helloTimeoutMs?: number
  /** Time and timers. Default: the runtime's. */
  readonly clock?: Clock
}

/** @internal */
export function resumeLimits(options: ResumeOptions): Required<ResumeOptions> {
  const limits = {
    keepMs: options.keepMs ?? 60_000,
    maxReplayBytes: options.maxReplayBytes ?? 4_194_304,
    maxFrameBytes: options.maxFrameBytes ?? 65_536,
    helloTimeoutMs: options.helloTimeoutMs ?? 10_000,
  }
  for (const [name, value] of Object.entries(limits)) {
    // With less the one side would wait for an acknowledgement that the other does not owe yet.
    const least = name === "maxReplayBytes" ? ACK_BYTES : 1
    if (Number.isInteger(value) && value >= least && value <= MOST) continue
    const wanted = `want a whole number from ${least} to ${MOST}`
    throw new RangeError(`Cannot resume with ${name} ${value}: ${wanted}`)
  }
  return { ...limits, clock: options.clock ?? systemClock }
}

/** Gives what comes within some time. @internal */
export async function within<T>(promise: PromiseLike<T>, ms: number, clock: Clock): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const stop = clock.schedule(
    () => reject(new MuxError("TIMEOUT", `No greeting came within ${ms} ms`)),
    ms,
  )
  try {
    return await Promise.race([promise, late])
  } finally {
    stop()
  }
}

type Random = (below: number) => number

/** What one side of a channel does in its direction, and how the other takes it. */
export interface DirectionPlan {
  /** The sizes of the items, in bytes. */
  readonly items: readonly number[]
  /** How the sender ends; `fail` behind its items, `abort` before what is not there yet. */
  readonly end: "close" | "fail" | "abort"
  /** After how many items the reader cancels; undefined: it reads to the end. */
  readonly cancelAfter?: number
  /** The most ms that the writer and the reader pause between items. */
  readonly writePauseMs: number
  readonly readPauseMs: number
}

export interface ChannelPlan {
  readonly up: DirectionPlan
  readonly down: DirectionPlan
}

export type RequestPlan = {
  readonly size: number
  readonly outcome: "reply" | "fail" | "timeout" | "give-up"
}

/** What one side of the session does. */
export interface SidePlan {
  readonly channels: readonly ChannelPlan[]
  readonly requests: readonly RequestPlan[]
  /** The sizes of its messages. */
  readonly messages: readonly number[]
  readonly windowBytes: number
  readonly maxChannels: number
}

/** What happens to the session as a whole. */
export type Fault = "none" | "cut" | "cut-at-byte" | "hold" | "truncate" | "abort" | "close-early"

export interface SimulationPlan {
  readonly near: SidePlan
  readonly far: SidePlan
  readonly fault: Fault
  readonly faultAtMs: number
  readonly cutAtBytes: number
  readonly maxPieceBytes: number
  readonly maxDelayMs: number
  /** Which sessions are told that their transport is a stream of bytes: the near one, the far one. */
  readonly areByteStreams: readonly [boolean, boolean]
}

const FAULTS: readonly Fault[] = ["cut", "cut-at-byte", "hold", "truncate", "abort", "close-early"]
const SIZES = [0, 1, 7, 100, 1000, 5000, 20_000]
const WINDOWS = [1, 100, 4000, 16_384, 262_144]

/** Makes a plan; half of all have no fault. */
export function makePlan(random: Random): SimulationPlan {
  const maxPieceBytes = pick(random, [3, 50, 1000, 65_536])
  // Large items in small pieces cost time and show nothing more.
  const sizes = SIZES.filter((size) => size < maxPieceBytes * 100)
  const near = makeSide(random, sizes)
  const far = makeSide(random, sizes)
  return {
    near,
    far,
    fault: random(2) === 0 ? "none" : pick(random, FAULTS),
    faultAtMs: random(200),
    cutAtBytes: 40 + random(random(2) === 0 ? 400 : 20_000),
    maxPieceBytes,
    maxDelayMs: maxPieceBytes < 10 ? random(2) : pick(random, [0, 1, 40]),
    areByteStreams: [random(2) === 0, random(2) === 0],
  }
}

function makeSide(random: Random, all: readonly number[]): SidePlan {
  const windowBytes = pick(random, WINDOWS)
  const sizes = windowBytes < 1000 ? all.slice(0, 4) : all
  const many = <T>(most: number, make: () => T): T[] => Array.from({ length: random(most) }, make)
  const direction = (): DirectionPlan => ({
    items: many(6, () => pick(random, sizes)),
    end: pick(random, ["close", "close", "close", "fail", "abort"]),
    ...(random(4) === 0 && { cancelAfter: random(3) }),
    writePauseMs: pick(random, [0, 0, 20]),
    readPauseMs: pick(random, [0, 0, 0, 60]),
  })
  return {
    channels: many(4, () => ({ up: direction(), down: direction() })),
    requests: many(4, () => ({
      size: pick(random, sizes),
      outcome: pick(random, ["reply", "reply", "fail", "timeout", "give-up"]),
    })),
    messages: many(4, () => pick(random, sizes)),
    windowBytes,
    maxChannels: pick(random, [1, 2, 100]),
  }
}

function pick<T>(random: Random, values: readonly T[]): T {
  const value = values[random(values.length)]
  if (value === undefined) throw new Error("There is nothing to pick from")
  return value
}

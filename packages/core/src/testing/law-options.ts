/** How the laws are run. None of it changes what a law says. */
export interface LawOptions {
  /** Seeds the interleavings and random cuts. Default 1. */
  readonly seed?: number
  /** How many seeded interleavings, and random chunkings, are tried. Default 32. */
  readonly runs?: number
  /**
   * Waits a moment. Default: one microtask, which is right for every transform that does not wait
   * for a timer, a thread or I/O. For those pass one that waits for a task, and fewer `quietTurns`.
   */
  turn?(): Promise<unknown>
  /** After how many turns without any event all is taken to be at rest. Default 256. */
  readonly quietTurns?: number
  /**
   * Collects garbage, after a task of its own. Needed by the law `retention`, which is skipped
   * without it.
   */
  collectGarbage?(): Promise<unknown>
}

export interface ResolvedLawOptions {
  readonly seed: number
  readonly runs: number
  readonly quietTurns: number
  turn(): Promise<unknown>
  readonly collectGarbage: (() => Promise<unknown>) | undefined
}

const microtask = (): Promise<unknown> => Promise.resolve()

export function resolveLawOptions(options: LawOptions): ResolvedLawOptions {
  const { seed = 1, runs = 32, quietTurns = 256 } = options
  for (const [name, value] of Object.entries({ runs, quietTurns })) {
    if (!Number.isInteger(value) || value < 1) {
      throw new RangeError(`Cannot check laws: ${name} is ${value}, not a whole number above 0`)
    }
  }
  if (!Number.isInteger(seed)) {
    throw new RangeError(`Cannot check laws: seed is ${seed}, not a whole number`)
  }
  const collectGarbage = options.collectGarbage?.bind(options)
  return {
    seed,
    runs,
    quietTurns,
    turn: options.turn?.bind(options) ?? microtask,
    collectGarbage,
  }
}

import { simulate } from "./simulate.ts"

/** What a run of seeds has shown. */
export interface ShardResult {
  readonly seeds: number
  /** The seeds that broke a claim, and what they broke. */
  readonly broken: readonly (readonly [seed: number, violations: readonly string[]])[]
  /** How many seeds have reached each state. */
  readonly states: Readonly<Record<string, number>>
  readonly hashes: readonly number[]
}

/** Simulates seeds from `first` on. */
export async function simulateShard(first: number, seeds: number): Promise<ShardResult> {
  const broken: [number, readonly string[]][] = []
  const states: Record<string, number> = {}
  const hashes: number[] = []
  for (let seed = first; seed < first + seeds; seed++) {
    const trace = await simulate(seed)
    if (trace.violations.length > 0) broken.push([seed, trace.violations])
    for (const state of trace.states) states[state] = (states[state] ?? 0) + 1
    hashes.push(trace.hash)
  }
  return { seeds, broken, states, hashes }
}

import { expect, test } from "vitest"
import { RESUME_TAMPERS } from "./resume-tampers.ts"
import { simulateResume } from "./simulate-resume.ts"

/** Another count, or another first seed, may be asked for: a seed that failed is repeated so. */
const SEEDS = Number(process.env["SIMULATION_SEEDS"] ?? 600)
const FIRST = Number(process.env["SIMULATION_FIRST"] ?? 0)

/** All that a simulation may come to; each must have been reached. */
const STATES = [
  "a channel over",
  "a cut",
  "a greeting lost",
  "a message read",
  "a reader that has all",
  "a request answered",
  "a transport lost",
  "a transport lost at the end",
  "a transport resumed",
  "an end that the accepting side alone sees",
  "an end that the connecting side alone sees",
]

test("Sessions whose transports are lost again and again keep every claim", async () => {
  const broken: [number, readonly string[]][] = []
  const states: Record<string, number> = {}
  const hashes = new Set<number>()
  for (let seed = FIRST; seed < FIRST + SEEDS; seed++) {
    const trace = await simulateResume(seed)
    if (trace.violations.length > 0) broken.push([seed, trace.violations])
    for (const state of trace.states) states[state] = (states[state] ?? 0) + 1
    hashes.add(trace.hash)
  }
  expect(broken).toEqual([])
  for (const state of STATES) {
    expect(states[state] ?? 0, state).toBeGreaterThanOrEqual(SEEDS / 100)
  }
  expect(hashes.size).toBeGreaterThan(SEEDS * 0.95)
})

test("A seed has the same trace each time", async () => {
  for (let seed = 0; seed < 30; seed++) {
    const [one, two] = [await simulateResume(seed), await simulateResume(seed)]
    expect(two.hash, `seed ${seed}`).toBe(one.hash)
  }
})

test.each(Object.keys(RESUME_TAMPERS))("The simulation sees when %s", async (fault) => {
  let seen = 0
  for (let seed = 0; seed < 60 && seen < 3; seed++) {
    const { violations } = await simulateResume(seed, RESUME_TAMPERS[fault])
    if (violations.length > 0) seen++
  }
  expect(seen).toBe(3)
})

import { once } from "node:events"
import { availableParallelism } from "node:os"
import { Worker } from "node:worker_threads"
import { expect, test } from "vitest"
import { simulate } from "./simulate.ts"
import type { ShardResult } from "./simulation-shard.ts"
import { TAMPERS } from "./tampers.ts"

/** Another count, or another first seed, may be asked for: a seed that failed is repeated so. */
const SEEDS = Number(process.env["SIMULATION_SEEDS"] ?? 10_000)
const FIRST = Number(process.env["SIMULATION_FIRST"] ?? 0)
const LONGEST_MS = 600_000

/** All that a simulation may come to; each must have been reached. */
const STATES = [
  "a channel opened",
  "a channel over",
  "a direction that goes on behind the other's end",
  "a goaway that drains",
  "a goaway that fails",
  "a message",
  "a message read",
  "a piece of an item",
  "a ping",
  "a ping answered",
  "a reader that cancels",
  "a reader that has all",
  "a reader that pauses",
  "a reader that was failed",
  "a request",
  "a request answered",
  "a request whose outcome is fail",
  "a request whose outcome is give-up",
  "a request whose outcome is reply",
  "a request whose outcome is timeout",
  "a sender that was stopped",
  "a session over a stream of bytes",
  "a session over messages",
  "a write that waits",
  "an abort",
  "an abort behind data",
  "an empty item",
  "an end",
  "an item",
  "an item with an end",
  "an open that waits",
  "cancel",
  "credit",
  "credit for messages",
  "hello",
  "the fault abort",
  "the fault close-early",
  "the fault cut",
  "the fault cut-at-byte",
  "the fault hold",
  "the fault none",
  "the fault truncate",
  "two handlers at once",
  "work that lost its session",
]

async function simulateAll(): Promise<ShardResult[]> {
  const workers = availableParallelism()
  const share = Math.ceil(SEEDS / workers)
  const url = new URL("./simulation-worker.ts", import.meta.url)
  return Promise.all(
    Array.from({ length: workers }, async (_, at) => {
      const workerData = { first: FIRST + at * share, seeds: share }
      const [result]: ShardResult[] = await once(new Worker(url, { workerData }), "message")
      if (result === undefined) throw new Error("A worker gave nothing")
      return result
    }),
  )
}

test("10,000 seeds keep every claim, and reach every state", { timeout: LONGEST_MS }, async () => {
  const shards = await simulateAll()
  expect(shards.flatMap(({ broken }) => broken)).toEqual([])
  const seeds = shards.reduce((sum, shard) => sum + shard.seeds, 0)
  expect(seeds).toBeGreaterThanOrEqual(SEEDS)
  for (const state of STATES) {
    const reached = shards.reduce((sum, { states }) => sum + (states[state] ?? 0), 0)
    expect(reached, state).toBeGreaterThanOrEqual(seeds / 1000)
  }
  const hashes = new Set(shards.flatMap((shard) => shard.hashes))
  expect(hashes.size).toBeGreaterThan(seeds * 0.99)
})

test("A seed has the same trace each time", async () => {
  for (let seed = 0; seed < 200; seed++) {
    const [one, two] = [await simulate(seed), await simulate(seed)]
    expect(two.hash, `seed ${seed}`).toBe(one.hash)
  }
})

test.each(Object.keys(TAMPERS))("The simulation sees when %s", async (fault) => {
  let seen = 0
  for (let seed = 0; seed < 300 && seen < 3; seed++) {
    const { violations } = await simulate(seed, TAMPERS[fault])
    if (violations.length > 0) seen++
  }
  expect(seen).toBe(3)
})

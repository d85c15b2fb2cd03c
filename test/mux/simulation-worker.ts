import { parentPort, workerData } from "node:worker_threads"
import { simulateShard } from "./simulation-shard.ts"

// The stacks of errors that are expected cost more than the simulation.
Error.stackTraceLimit = 0
const { first, seeds }: { first: number; seeds: number } = workerData
parentPort?.postMessage(await simulateShard(first, seeds))

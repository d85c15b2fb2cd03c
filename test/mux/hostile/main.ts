import { importMux } from "./import-mux.ts"
import { LIFTED } from "./lifted-limits.ts"
import { Noise } from "./noise.ts"
import { PATIENCE_MS, play } from "./play.ts"
import { scripts } from "./scripts/index.ts"

/** One that has to fail need not be waited for as long. */
const LIFTED_MS = 1500

/**
 * Plays the scripts whose names contain an argument, or all; prints a verdict a line. With `--bytes`
 * the session is told that its transport is a stream of bytes; with `--lifted` each is played against
 * a package without its limit.
 */
Error.stackTraceLimit = 4
const [how = "--sound", part = "", shard = "0/1"] = process.argv.slice(2)
const [first = 0, shards = 1] = shard.split("/").map(Number)
const isLifted = how === "--lifted"
const noise = new Noise()
for (const [at, script] of scripts.entries()) {
  if (at % shards !== first || !script.name.includes(part)) continue
  const mux = await importMux(isLifted ? LIFTED[script.limit] : [])
  const patienceMs = isLifted ? LIFTED_MS : PATIENCE_MS
  const verdict = await play(script, mux, noise, { patienceMs, isByteStream: how === "--bytes" })
  process.stdout.write(`${JSON.stringify(verdict)}\n`)
}
process.stdout.write("done\n")

/**
 * Replays the log of a directory while three readers have read one batch and then nothing, in a
 * process of its own, and says how many bytes that has added to it.
 */
import process from "node:process"
import { openFsLog } from "@bellmouth/log-fs"

const [directory = ""] = process.argv.slice(2)
await using log = await openFsLog(directory, { mode: "read" })
globalThis.gc?.()
const base = process.memoryUsage.rss()
const stalled = Array.from({ length: 3 }, () => log.replayBatches().getReader())
for (const reader of stalled) await reader.read()
let most = base
let seen = 0
for await (const { bytes } of log.replayBatches({ lend: true })) {
  seen += bytes.length
  most = Math.max(most, process.memoryUsage.rss())
}
for (const reader of stalled) await reader.cancel()
console.log(JSON.stringify({ seen, bytes: most - base }))

import { mkdir, mkdtemp, rm } from "node:fs/promises"
import { fileURLToPath } from "node:url"
import { openFsLog } from "@bellmouth/log-fs"
import { mainJob } from "./main-job.ts"
import { type DemoOptions, readOptions, usage } from "./options.ts"
import { seededRandom } from "./random.ts"
import { stayUp } from "./stay-up.ts"
import { sweepLogs } from "./sweep-logs.ts"
import { loadWebhookExamples } from "./webhook-events.ts"

const prefix = "demo-log-"

const interrupt = new AbortController()
for (const name of ["SIGINT", "SIGTERM"] as const) {
  process.once(name, () => interrupt.abort(new Error(`Ended by ${name}`)))
}

process.exitCode = await main(process.argv.slice(2), interrupt.signal)

async function main(args: readonly string[], signal: AbortSignal): Promise<number> {
  let options: DemoOptions
  try {
    options = readOptions(args)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    console.error(`${message}\n\n${usage}`)
    return 2
  }
  // On the disk of the checkout: a temporary folder may be memory, where nothing is durable.
  const cache = fileURLToPath(new URL("../.cache/", import.meta.url))
  await mkdir(cache, { recursive: true })
  await sweepLogs(cache, prefix)
  const directory = await mkdtemp(`${cache}${prefix}`)
  try {
    return await run(directory, options, signal)
  } catch (error) {
    if (!signal.aborted) throw error
    console.log("\nInterrupted")
    return 130
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

async function run(directory: string, options: DemoOptions, signal: AbortSignal): Promise<number> {
  const examples = await loadWebhookExamples()
  const random = seededRandom(options.seed)
  await using log = await openFsLog(directory)
  const { table, faults } = await mainJob(log, examples, options, random, signal)
  console.log(`\n${table}`)
  if (faults.length > 0) {
    console.error(
      `\nNot well: ${faults.join("; ")}\nAgain with: npm start -- --seed ${options.seed}`,
    )
    return 1
  }
  console.log("\nWhat came out equals what went in, byte for byte")
  if (options.exit) return 0
  await stayUp(log, { port: options.port, examples, random, signal })
  console.log(`\n${signal.reason.message}`)
  return 0
}

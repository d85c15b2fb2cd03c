import type { FsLog } from "@bellmouth/log-fs"
import { appendLeg } from "./append-leg.ts"
import { webhookBytes } from "./byte-source.ts"
import { deliverLeg } from "./deliver-leg.ts"
import type { DemoOptions } from "./options.ts"
import { Progress } from "./progress.ts"
import type { Random } from "./random.ts"
import { replayLeg } from "./replay-leg.ts"
import { count, facts, megabytes, table } from "./table.ts"
import type { WebhookExamples } from "./webhook-events.ts"

/** What the job came to: a table for people, and what is wrong, if anything. */
export interface JobResult {
  readonly table: string
  readonly faults: readonly string[]
}

const chunkBytes = 65_536

/** Moves the records through every layer and compares both ends, byte for byte. */
export async function mainJob(
  log: FsLog,
  examples: WebhookExamples,
  options: DemoOptions,
  random: Random,
  signal: AbortSignal,
): Promise<JobResult> {
  const { records } = options
  let input = 0
  const appending = new Progress("append", approximateBytes(examples, records), megabytes)
  const bytes = webhookBytes(examples, records, (length) => {
    input += length
    appending.add(length)
  })
  const { sent, acknowledged } = await appendLeg(bytes, log, signal)
  const appendMs = appending.finish()

  const replaying = new Progress("replay", sent.bytes, megabytes)
  const stored = await replayLeg(log, signal)
  replaying.add(stored.bytes)
  const replayMs = replaying.finish()

  const delivering = new Progress(
    "deliver",
    records,
    (amount) => `${count(Math.round(amount))} events`,
  )
  const onRecord = (): void => delivering.add(1)
  const { received, tally, cuts, resumed } = await deliverLeg(log, {
    records,
    bytes: sent.bytes,
    cuts: options.cuts,
    random,
    signal,
    onRecord,
  })
  const deliverMs = delivering.finish()

  const leg = (name: string, amount: number, length: number, ms: number): string[] => [
    name,
    count(amount),
    megabytes(length),
    (ms / 1000).toFixed(2),
    (length / 1000 / ms).toFixed(1),
  ]
  const legs = table(
    ["leg", "records", "bytes", "s", "MB/s"],
    [
      leg("append: bytes, NDJSON, projection, NDJSON, log on disk", acknowledged, input, appendMs),
      leg("replay: log, NDJSON", await log.tail(), stored.bytes, replayMs),
      leg(
        "deliver: log, SSE over HTTP, resuming client, NDJSON",
        tally.records,
        received.bytes,
        deliverMs,
      ),
    ],
  )
  const peak = process.resourceUsage().maxRSS * 1024
  const counts = facts([
    ["cuts at random bytes", count(cuts)],
    ["resumed by Last-Event-ID", count(resumed)],
    ["lost", count(tally.lost)],
    ["duplicated", count(tally.duplicated)],
    ["peak memory, all in one process", megabytes(peak)],
    ["seed", String(options.seed)],
  ])
  const went = sent.describe()
  const came = received.describe()
  const faults = [
    acknowledged === records ? "" : `${records} records went in, ${acknowledged} were acknowledged`,
    stored.describe() === went ? "" : `the log holds ${stored.describe()}, ${went} went in`,
    came === went ? "" : `${came} came out, ${went} went in`,
    cuts === options.cuts ? "" : `the client was cut off ${cuts} times, not ${options.cuts}`,
    tally.lost === 0 ? "" : `${tally.lost} records were lost`,
    tally.duplicated === 0 ? "" : `${tally.duplicated} records came twice`,
    tally.foreign === 0 ? "" : `${tally.foreign} records came out that never went in`,
  ].filter((fault) => fault !== "")
  return { table: `${legs}\n\n${counts}\n\nin   ${went}\nout  ${came}`, faults }
}

/** The examples' mean length, for the progress bar. */
function approximateBytes(examples: WebhookExamples, records: number): number {
  let round = 0
  for (let example = 0; example < examples.count; example++)
    round += examples.line(0, example).length
  return Math.max(chunkBytes, (round / examples.count) * records)
}

import { NdjsonDecoderStream } from "@bellmouth/framing"
import type { Log } from "@bellmouth/log"
import { openFsLog, type Recovery } from "@bellmouth/log-fs"
import { AckCounter } from "./ack-counter.ts"
import { type Command, type CommandContext, exitCodes } from "./command.ts"
import { readArguments } from "./read-arguments.ts"
import { toRecord } from "./record-line.ts"
import { retentionOptions, toRetention } from "./retention-arguments.ts"

const defaultMaxLineBytes = 1_048_576

export const appendCommand: Command = {
  summary: "append NDJSON from standard input to a log",
  help: `Usage: bellmouth append <folder> [options]

Appends each line of standard input as one record. A line must be JSON; it is
stored as it is, byte for byte. The folder is made when there is none. The
command ends once every record is safe on disk.

  --max-line-bytes <n>  refuse longer lines (default ${defaultMaxLineBytes})
  --max-bytes <n>       give up the oldest segments to stay within n bytes
  --max-age <s>         give up segments whose records are older, in seconds
  -h, --help            show this

A line that is not JSON stops the command with exit code 1: the lines before it
are in the log, and the message says how many.

  cat events.ndjson | bellmouth append ./log`,

  async run(args, context) {
    const options = readArguments(args, {
      "max-line-bytes": { type: "string" },
      ...retentionOptions,
    })
    const retention = toRetention(options)
    const maxLineBytes = options.number("max-line-bytes", 1) ?? defaultMaxLineBytes
    await using log = await openFsLog(options.directory, retention ? { retention } : {})
    if (log.recovery !== undefined) context.report(describeRecovery(log.recovery))
    return await append(log, options.directory, maxLineBytes, context)
  },
}

async function append(
  log: Log,
  directory: string,
  maxLineBytes: number,
  context: CommandContext,
): Promise<number> {
  const { signal } = context
  const counter = new AckCounter()
  const { readable, writable } = log.append()
  const acknowledged = readable.pipeTo(counter)
  // Whatever ends the input, what was read before is to be stored: closed, not aborted.
  const input = context
    .stdin()
    .pipeThrough(new NdjsonDecoderStream({ maxLineBytes, parse: toRecord }))
    .pipeTo(writable, { preventAbort: true, signal })
  const [ended] = await Promise.allSettled([input])
  if (ended.status === "rejected") await Promise.allSettled([writable.close()])
  const [stored] = await Promise.allSettled([acknowledged])

  const summary = describe(counter, directory)
  const failure = ended.status === "rejected" ? ended.reason : undefined
  const fault = stored.status === "rejected" ? stored.reason : failure
  if (fault === undefined) {
    context.report(summary)
    return exitCodes.ok
  }
  if (signal.aborted && fault === signal.reason) {
    context.report(`Interrupted. ${summary}`)
    return exitCodes.interrupted
  }
  throw new AppendFailure(summary, { cause: fault })
}

/** An append that did not take all of its input. Its message says what was stored all the same. */
export class AppendFailure extends Error {}

function describeRecovery({ byteLength, path, keptAs, reason, offset }: Recovery): string {
  const cut = `${byteLength} bytes at the end of ${path} were an unfinished write (${reason})`
  return `Recovered: ${cut}; they are kept in ${keptAs}, and the log goes on at offset ${offset}`
}

function describe(counter: AckCounter, directory: string): string {
  const { records, first, level } = counter.count
  if (records === 0) return `No record was appended to ${directory}`
  const place = level === "disk" ? "on disk" : level === "process" ? "in the kernel" : "in memory"
  const noun = records === 1 ? "record" : "records"
  const range = records === 1 ? `offset ${first}` : `offsets ${first} to ${first + records - 1}`
  return `Appended ${records.toLocaleString("en")} ${noun} to ${directory} (${range}), safe ${place}`
}

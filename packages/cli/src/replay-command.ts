import { type ReplayOptions, toOffset } from "@bellmouth/log"
import { openFsLog } from "@bellmouth/log-fs"
import { type Command, exitCodes } from "./command.ts"
import { type Arguments, readArguments } from "./read-arguments.ts"
import { UsageError } from "./usage-error.ts"
import { writeRecords } from "./write-records.ts"

export const replayCommand: Command = {
  summary: "write a log to standard output as NDJSON",
  help: `Usage: bellmouth replay <folder> [options]

Writes every record, one a line, as it was appended. A log that another process
writes to can be read meanwhile.

  --from <offset>  begin at this offset (default 0)
  --last <n>       begin n records before the end
  --limit <n>      write at most n records
  -h, --help       show this

  bellmouth replay ./log --from 100 --limit 10`,

  async run(args, context) {
    const options = readArguments(args, {
      from: { type: "string" },
      last: { type: "string" },
      limit: { type: "string" },
    })
    const replay = toReplayOptions(options)
    await using log = await openFsLog(options.directory, { mode: "read" })
    await writeRecords(log, replay, context)
    return exitCodes.ok
  },
}

function toReplayOptions(options: Arguments): ReplayOptions {
  const from = options.number("from", 0)
  const last = options.number("last", 1)
  const limit = options.number("limit", 1)
  if (from !== undefined && last !== undefined) throw new UsageError("Give either --from or --last")
  return {
    ...(from === undefined ? {} : { from: toOffset(from) }),
    ...(last === undefined ? {} : { from: { last } }),
    ...(limit === undefined ? {} : { limit }),
  }
}

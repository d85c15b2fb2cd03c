import { toOffset } from "@bellmouth/log"
import { openFsLog } from "@bellmouth/log-fs"
import { type Command, exitCodes } from "./command.ts"
import { readArguments } from "./read-arguments.ts"
import { retentionOptions, toRetention } from "./retention-arguments.ts"
import { UsageError } from "./usage-error.ts"

export const trimCommand: Command = {
  summary: "give up the oldest records of a log, for good",
  help: `Usage: bellmouth trim <folder> [options]

Gives up the records before an offset, or the oldest segments, by size or age.
Offsets stay; a replay from before the new start is an error that tells it.
No writer may have the log open: bellmouth append has options of its own.

  --before <offset>  give up the records before this one
  --max-bytes <n>    keep segments of at most n bytes
  --max-age <s>      give up segments whose records are all older, in seconds
  -h, --help         show this

  bellmouth trim ./log --before 1000
  bellmouth trim ./log --max-age 604800`,

  async run(args, context) {
    const options = readArguments(args, { before: { type: "string" }, ...retentionOptions })
    const before = options.number("before", 0)
    const retention = toRetention(options)
    if ((before === undefined) === (retention === undefined)) {
      throw new UsageError("Give either --before, or --max-bytes and --max-age")
    }
    // To open it for writing would make a log where there is none.
    await (await openFsLog(options.directory, { mode: "read" })).close()
    await using log = await openFsLog(options.directory)
    const from = await log.start()
    if (before !== undefined) await log.trim(toOffset(before))
    if (retention !== undefined) await log.retain(retention)
    const start = await log.start()
    const gone = start - from
    context.report(
      gone === 0
        ? `Nothing to give up: ${options.directory} begins at offset ${start}`
        : `Gave up ${gone.toLocaleString("en")} ${gone === 1 ? "record" : "records"}: ${options.directory} begins at offset ${start}`,
    )
    return exitCodes.ok
  },
}

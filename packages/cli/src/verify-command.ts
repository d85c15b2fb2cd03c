import { verifyFsLog } from "@bellmouth/log-fs"
import { type Command, exitCodes } from "./command.ts"
import { describeDamages, describeLost } from "./describe-damage.ts"
import { printReport } from "./print-report.ts"
import { readArguments } from "./read-arguments.ts"

export const verifyCommand: Command = {
  summary: "read all of a log, and tell every damage",
  help: `Usage: bellmouth verify <folder> [options]

Reads every record and checks it, and that nothing is missing. It changes
nothing; a writer may be at work. Exit code 0: all is as it was written, but for
what an earlier repair has told as lost. Exit code 1: there is damage.

  --json      write the report as JSON
  -h, --help  show this

  bellmouth verify ./log`,

  async run(args, context) {
    const options = readArguments(args, { json: { type: "boolean" } })
    const report = await verifyFsLog(options.directory)
    const { damages, lost, segments, start, tail } = report
    // The first segment may still hold some that were trimmed.
    const trimmed = start - (segments[0]?.base ?? start)
    const records = segments.reduce((sum, segment) => sum + segment.records, -trimmed)
    const isWhole = damages.length === 0
    const noun = records === 1 ? "record" : "records"
    const count = `${records.toLocaleString("en")} ${noun}; it begins at offset ${start} and ends at ${tail}`
    const lines = [
      ...describeDamages(damages),
      ...describeLost(lost),
      isWhole
        ? `${options.directory} is as it was written: ${count}`
        : `${options.directory} is damaged: ${count}; bellmouth repair ${options.directory} says what can be done`,
    ]
    await printReport(context, report, lines, options.flag("json"))
    return isWhole ? exitCodes.ok : exitCodes.failure
  },
}

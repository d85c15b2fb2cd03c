import { openFsLog } from "@bellmouth/log-fs"
import { type Command, exitCodes } from "./command.ts"
import { readArguments } from "./read-arguments.ts"
import { writeRecords } from "./write-records.ts"

const defaultLines = 10

export const tailCommand: Command = {
  summary: "write the last records of a log, and with -f those to come",
  help: `Usage: bellmouth tail <folder> [options]

Writes the last records as NDJSON. With -f it goes on with what is appended
later, also by another process, until Ctrl-C.

  -f, --follow     wait for more
  -n, --lines <n>  how many of the last records to begin with (default ${defaultLines})
  -h, --help       show this

  bellmouth tail -f ./log | jq .event`,

  async run(args, context) {
    const options = readArguments(args, {
      follow: { type: "boolean", short: "f" },
      lines: { type: "string", short: "n" },
    })
    const last = options.number("lines", 0) ?? defaultLines
    await using log = await openFsLog(options.directory, { mode: "read" })
    const from = last === 0 ? "tail" : ({ last } as const)
    await writeRecords(log, { from, follow: options.flag("follow") }, context)
    return exitCodes.ok
  },
}

import { type RepairReport, repairFsLog } from "@bellmouth/log-fs"
import { type Command, exitCodes } from "./command.ts"
import { describeDamages, describeLost } from "./describe-damage.ts"
import { printReport } from "./print-report.ts"
import { readArguments } from "./read-arguments.ts"

export const repairCommand: Command = {
  summary: "say how a damaged log can be repaired, and with --write do it",
  help: `Usage: bellmouth repair <folder> [options]

Finds what can be proven to be as it was written. Without --write it changes
nothing, and ends with exit code 1 when there is something to repair.

With --write the log opens again and gives those records, at their offsets.
What is lost stays a hole: a replay ends there and says where to go on. Each
damaged file is kept beside the log (*.broken), with a report (repair.json).

  --write     do it; no writer may have the log open
  --json      write the report as JSON
  -h, --help  show this

  bellmouth repair ./log
  bellmouth repair ./log --write`,

  async run(args, context) {
    const options = readArguments(args, { json: { type: "boolean" }, write: { type: "boolean" } })
    const report = await repairFsLog(options.directory, { dryRun: !options.flag("write") })
    const lines = describe(report, options.directory)
    await printReport(context, report, lines, options.flag("json"))
    return report.outcome === "planned" ? exitCodes.failure : exitCodes.ok
  },
}

function describe(
  { outcome, damages, lost, start, tail, keptAs, isTailKnown }: RepairReport,
  directory: string,
) {
  if (outcome === "whole") return [`There is nothing to repair in ${directory}`]
  const lines = [...describeDamages(damages), ...describeLost(lost)]
  if (lost.length === 0) lines.push("Lost: no record")
  if (!isTailKnown)
    lines.push("How far the log went is not known: records after its end may be lost")
  lines.push(...keptAs.map((path) => `Kept: ${path}`))
  const range = `offsets ${start} to ${tail}`
  if (outcome === "repaired") return [...lines, `Repaired ${directory}: ${range}`]
  return [...lines, `Nothing was changed: bellmouth repair ${directory} --write leaves ${range}`]
}

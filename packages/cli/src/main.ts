import { stdin, stdout } from "@bellmouth/node"
import { runCommand } from "./run-command.ts"

const interrupt = new AbortController()
// Once each: a second Ctrl-C ends the process at once, as the user then wants.
for (const name of ["SIGINT", "SIGTERM"] as const) {
  process.once(name, () => interrupt.abort(new Error(name)))
}
// With nobody to read what is reported, the exit code still tells.
process.stderr.on("error", () => {})

process.exitCode = await runCommand(process.argv.slice(2), {
  stdin,
  stdout,
  report: (line) => void process.stderr.write(`${line}\n`),
  signal: interrupt.signal,
})

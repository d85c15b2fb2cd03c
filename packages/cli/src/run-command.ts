import { isBrokenPipe } from "@bellmouth/node"
import { appendCommand } from "./append-command.ts"
import { type Command, type CommandContext, exitCodes } from "./command.ts"
import { describeError } from "./describe-error.ts"
import { ownVersion } from "./own-version.ts"
import { repairCommand } from "./repair-command.ts"
import { replayCommand } from "./replay-command.ts"
import { serveCommand } from "./serve-command.ts"
import { tailCommand } from "./tail-command.ts"
import { trimCommand } from "./trim-command.ts"
import { UsageError } from "./usage-error.ts"
import { verifyCommand } from "./verify-command.ts"

const commands: ReadonlyMap<string, Command> = new Map([
  ["append", appendCommand],
  ["replay", replayCommand],
  ["tail", tailCommand],
  ["serve", serveCommand],
  ["verify", verifyCommand],
  ["repair", repairCommand],
  ["trim", trimCommand],
])

const help = `Usage: bellmouth <command> <folder> [options]

Keeps records in a durable, append-only log.

${[...commands].map(([name, { summary }]) => `  ${name.padEnd(8)}${summary}`).join("\n")}

bellmouth <command> --help tells more about one; --version, which one this is.

  cat events.ndjson | bellmouth append ./log
  bellmouth replay ./log`

/**
 * Runs one command line and settles with its exit code: 0, 1 for a failure, 2 for wrong usage.
 *
 * A reader of standard output that goes away ends a command quietly, with 0.
 */
export async function runCommand(
  args: readonly string[],
  context: CommandContext,
): Promise<number> {
  const [name = "", ...rest] = args
  try {
    if (name === "" || name === "--help" || name === "-h" || name === "help") {
      const [about] = rest
      await print(about === undefined ? help : commandOf(about).help, context)
      return name === "" ? exitCodes.usage : exitCodes.ok
    }
    if (name === "--version") {
      await print(ownVersion(), context)
      return exitCodes.ok
    }
    const command = commandOf(name)
    if (rest.includes("--help") || rest.includes("-h")) {
      await print(command.help, context)
      return exitCodes.ok
    }
    return await command.run(rest, context)
  } catch (error) {
    if (isBrokenPipe(error)) return exitCodes.ok
    if (error instanceof UsageError) {
      const about = commands.has(name) ? `bellmouth ${name}` : "bellmouth"
      context.report(`bellmouth: ${error.message}\nTry ${about} --help`)
      return exitCodes.usage
    }
    context.report(`bellmouth: ${describeError(error)}`)
    return exitCodes.failure
  }
}

function commandOf(name: string): Command {
  const command = commands.get(name)
  if (command === undefined) throw new UsageError(`There is no command ${name}`)
  return command
}

async function print(text: string, context: CommandContext): Promise<void> {
  const writer = context.stdout().getWriter()
  await writer.write(new TextEncoder().encode(`${text}\n`))
  await writer.close()
}

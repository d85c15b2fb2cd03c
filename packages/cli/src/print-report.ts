import type { CommandContext } from "./command.ts"

/** Writes what a command has found to standard output: lines for people, or one JSON value. */
export async function printReport(
  context: CommandContext,
  report: unknown,
  lines: readonly string[],
  isJson: boolean,
): Promise<void> {
  const text = isJson ? JSON.stringify(report) : lines.join("\n")
  const writer = context.stdout().getWriter()
  await writer.write(new TextEncoder().encode(`${text}\n`))
  await writer.close()
}

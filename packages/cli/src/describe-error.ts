import { AppendFailure } from "./append-command.ts"

/** What a message of a library can not know: what can be done here. */
const hints: ReadonlyMap<string, string> = new Map([
  ["LINE_TOO_LONG", "Longer lines are taken with --max-line-bytes"],
  [
    "INVALID_UTF8",
    "Lines are stored as they are, and must be UTF-8: convert them first, as by iconv",
  ],
])

/**
 * What a user is told about an error: its message, and what became of the input.
 *
 * An error without a stable code is a fault of ours, so its stack is shown.
 */
export function describeError(error: unknown): string {
  if (error instanceof AppendFailure) {
    return `${describeError(error.cause)}\n${error.message}`
  }
  if (!(error instanceof Error)) return String(error)
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined
  if (code === undefined) return error.stack ?? error.message
  // Only the standard streams fail with what the system says; what else fails has a message of ours.
  if ("syscall" in error && error.syscall === "write") {
    return `Cannot write to standard output: ${error.message}`
  }
  const hint = hints.get(code)
  return hint === undefined ? error.message : `${error.message}\n${hint}`
}

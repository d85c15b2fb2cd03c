import { AppendFailure } from "./append-command.ts"

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
  return hasCode(error) ? error.message : (error.stack ?? error.message)
}

function hasCode(error: Error): boolean {
  return "code" in error && typeof error.code === "string"
}

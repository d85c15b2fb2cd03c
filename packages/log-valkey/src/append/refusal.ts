import { replyCode } from "../client/reply.ts"
import { isPassing } from "../nodes/passing.ts"

/** What a server fails a transaction with that it would fail any write with, or that is over the next time. */
const OTHER: ReadonlySet<string> = new Set(["ASK", "MISCONF", "MOVED", "NOSCRIPT", "OOM"])

/** Whether a server that fails a transaction so does not take such transactions. */
export function isRefusal(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const reason = new Error(error.message.replace(/^EXECABORT .* because of: /, ""))
  return !isPassing(reason) && !OTHER.has(replyCode(reason) ?? "")
}

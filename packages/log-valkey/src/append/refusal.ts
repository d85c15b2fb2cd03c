import { replyCode } from "../client/reply.ts"
import { PASSING } from "../nodes/router.ts"

/** What a server fails a transaction with that it would fail any write with, or that is over the next time. */
const OTHER: ReadonlySet<string> = new Set([
  ...PASSING,
  "ASK",
  "MISCONF",
  "MOVED",
  "NOREPLICAS",
  "NOSCRIPT",
  "OOM",
])

/** Whether a server that fails a transaction so does not take such transactions. */
export function isRefusal(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = replyCode(new Error(error.message.replace(/^EXECABORT .* because of: /, "")))
  return code !== undefined && !OTHER.has(code)
}

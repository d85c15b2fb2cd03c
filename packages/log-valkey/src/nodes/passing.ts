import { replyCode } from "../client/reply.ts"

/** What a server says while it can not serve, and another or the same one will. */
const PASSING: ReadonlySet<string> = new Set([
  "BUSY",
  "CLUSTERDOWN",
  "LOADING",
  "MASTERDOWN",
  "NOREPLICAS",
  "READONLY",
  "TRYAGAIN",
  "UNBLOCKED",
])
/** It has no code of its own. */
const FULL = "ERR max number of clients"

/** Whether a request may be answered another time: there was no answer, or one that says so. */
export function isPassing(error: unknown): boolean {
  const code = replyCode(error)
  if (code === undefined || PASSING.has(code)) return true
  return error instanceof Error && error.message.startsWith(FULL)
}

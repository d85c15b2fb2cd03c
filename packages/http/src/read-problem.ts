import type { HttpErrorCode } from "./http-error.ts"

export interface ReceivedProblem {
  readonly code: HttpErrorCode | undefined
  readonly detail: string | undefined
}

const maxProblemBytes = 8192
const maxDetailLength = 500
const none: ReceivedProblem = { code: undefined, detail: undefined }

/** The faults that a server of logs can name; any other code a peer sends is not one of ours. */
const known: readonly HttpErrorCode[] = [
  "BAD_QUERY",
  "BAD_OFFSET",
  "FORBIDDEN",
  "METHOD_NOT_ALLOWED",
  "NOT_ACCEPTABLE",
  "NOT_JSON",
  "LOG_REPLACED",
  "OFFSET_TRIMMED",
  "OFFSET_PAST_TAIL",
  "INTERNAL",
]

/** Reads an RFC 9457 problem of at most 8,192 bytes. What is not one gives no code and no detail. */
export async function readProblem(response: Response): Promise<ReceivedProblem> {
  const type = response.headers.get("content-type") ?? ""
  if (!type.startsWith("application/problem+json")) {
    discardBody(response)
    return none
  }
  try {
    const problem: unknown = JSON.parse(await readText(response))
    if (typeof problem !== "object" || problem === null) return none
    const { code, detail } = problem as { readonly code?: unknown; readonly detail?: unknown }
    return {
      code: known.find((candidate) => candidate === code),
      detail: typeof detail === "string" ? detail.slice(0, maxDetailLength) : undefined,
    }
  } catch {
    return none // The status alone is reported: an unreadable explanation must not hide it.
  }
}

/** Gives up a body that nobody wants. */
export function discardBody(response: Response): void {
  // One that has broken off already says so here; its status is what counts.
  response.body?.cancel().catch(() => {})
}

async function readText(response: Response): Promise<string> {
  const reader = response.body?.getReader()
  const decoder = new TextDecoder()
  let text = ""
  let bytes = 0
  while (reader !== undefined && bytes <= maxProblemBytes) {
    const { done, value } = await reader.read()
    if (done) return text + decoder.decode()
    bytes += value.byteLength
    text += decoder.decode(value, { stream: true })
  }
  await reader?.cancel()
  return text
}

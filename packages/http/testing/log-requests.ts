import { createMemoryLog, type Log } from "@bellmouth/log"

const encoder = new TextEncoder()

/** A log in memory that holds these records. */
export async function logOf(...records: (string | Uint8Array)[]): Promise<Log> {
  const log = createMemoryLog()
  await append(log, ...records)
  return log
}

export async function append(log: Log, ...records: (string | Uint8Array)[]): Promise<void> {
  const writer = log.writable().getWriter()
  for (const record of records) {
    await writer.write(typeof record === "string" ? encoder.encode(record) : record)
  }
  await writer.close()
}

export function get(path = "", headers: Record<string, string> = {}, method = "GET"): Request {
  return new Request(`http://localhost/events${path}`, { method, headers })
}

/** The headers of who wants an event stream. */
export const sse = { accept: "text/event-stream" }

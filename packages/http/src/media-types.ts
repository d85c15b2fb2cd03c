import { HttpError } from "./http-error.ts"
import { JsonRecordEncoder } from "./json-record-encoder.ts"
import { NdjsonRecordEncoder } from "./ndjson-record-encoder.ts"
import { negotiate } from "./negotiate.ts"
import type { RecordEncoder } from "./record-encoder.ts"
import { SseRecordEncoder } from "./sse-record-encoder.ts"

/** The media types of a log's bodies, and what NDJSON is also called. */
export const logMediaTypes = {
  ndjson: "application/x-ndjson",
  sse: "text/event-stream",
  json: "application/json",
  ndjsonAliases: ["application/ndjson", "application/jsonl", "application/x-jsonlines"],
} as const

const offers: readonly string[] = [
  logMediaTypes.ndjson,
  logMediaTypes.sse,
  logMediaTypes.json,
  ...logMediaTypes.ndjsonAliases,
]

/**
 * Picks how to write a log's records for an `Accept` header.
 *
 * @throws {HttpError} `NOT_ACCEPTABLE`, with what there is.
 */
export function negotiateRecordEncoder(
  accept: string | null,
  log: string,
  retryMs: number,
): RecordEncoder {
  const type = negotiate(accept, offers)
  switch (type) {
    case undefined:
      throw new HttpError(
        "NOT_ACCEPTABLE",
        `Cannot send the log in a type that Accept allows: there are ${offers.slice(0, 3).join(", ")}`,
      )
    case logMediaTypes.sse:
      return new SseRecordEncoder(log, retryMs)
    case logMediaTypes.json:
      return new JsonRecordEncoder()
    default:
      return new NdjsonRecordEncoder(type)
  }
}

import { type FramingName, findFraming, framings } from "@bellmouth/framing"
import { HttpError } from "./http-error.ts"
import { JsonRecordEncoder } from "./json-record-encoder.ts"
import { NdjsonRecordEncoder } from "./ndjson-record-encoder.ts"
import { negotiate } from "./negotiate.ts"
import type { RecordEncoder } from "./record-encoder.ts"
import { SseRecordEncoder } from "./sse-record-encoder.ts"

/** The framings that a log's body may have, the one that is preferred first. */
const bodies = framings.filter(({ name }) => ["ndjson", "sse", "json"].includes(name))

/** Of all framings the name to send, and then what they are also called. */
const offers: readonly string[] = [
  ...bodies.flatMap(({ contentTypes }) => contentTypes.slice(0, 1)),
  ...bodies.flatMap(({ contentTypes }) => contentTypes.slice(1)),
]

/** The framing that an encoder writes. */
export function framingOf({ contentType }: RecordEncoder): FramingName | undefined {
  return findFraming({ contentType })?.name
}

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
  const contentType = negotiate(accept, offers)
  if (contentType === undefined) {
    const types = offers.slice(0, bodies.length).join(", ")
    throw new HttpError(
      "NOT_ACCEPTABLE",
      `Cannot send the log in a type that Accept allows: there are ${types}`,
    )
  }
  switch (findFraming({ contentType })?.name) {
    case "sse":
      return new SseRecordEncoder(log, retryMs)
    case "json":
      return new JsonRecordEncoder()
    default:
      return new NdjsonRecordEncoder(contentType)
  }
}

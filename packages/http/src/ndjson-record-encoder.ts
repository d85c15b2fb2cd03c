import { concatBytes } from "@bellmouth/core"
import type { LogEntry, RecordBatch } from "@bellmouth/log"
import { jsonTextOf } from "./json-text.ts"
import { nothing, type RecordEncoder } from "./record-encoder.ts"
import { encodeUtf8 } from "./utf8.ts"

const lineFeed = 0x0a

/**
 * Writes records as NDJSON: stored lines go out as they are, without being parsed.
 *
 * A record that holds LF can be a line only when it is JSON, where a raw LF is white space: it is
 * sent with spaces in its place.
 *
 * @throws {HttpError} `NOT_JSON` from `encode` for a record that holds LF and is not JSON.
 *
 * @example Write stored batches as lines
 * ```ts
 * import assert from "node:assert/strict"
 * import { NdjsonRecordEncoder } from "@bellmouth/http"
 * import { START, toRecordBatch } from "@bellmouth/log"
 *
 * const bytes = new TextEncoder().encode('{"n":1}\n')
 * const batch = toRecordBatch({ offset: START, count: 1, framing: "lines", bytes })
 * assert.equal(new NdjsonRecordEncoder().encode(batch), bytes)
 * ```
 */
export class NdjsonRecordEncoder implements RecordEncoder {
  readonly contentType: string
  /** A blank line, which an NDJSON reader skips. */
  readonly heartbeat: Uint8Array = encodeUtf8("\n")

  constructor(contentType = "application/x-ndjson") {
    this.contentType = contentType
  }

  start(): Uint8Array {
    return nothing
  }

  encode(batch: RecordBatch): Uint8Array {
    if (batch.framing === "lines") return batch.bytes
    return concatBytes(Array.from(batch, encodeRecordLine))
  }

  finish(): Uint8Array {
    return nothing
  }
}

/** One record and its line feed, in bytes of their own. */
export function encodeRecordLine({ offset, data }: LogEntry): Uint8Array {
  const isLine = !data.includes(lineFeed)
  const text = isLine ? data : encodeUtf8(jsonTextOf(data, offset).replaceAll("\n", " "))
  const line = new Uint8Array(text.length + 1)
  line.set(text)
  line[text.length] = lineFeed
  return line
}

import { Stage } from "@bellmouth/core"
import type { LogEntry } from "@bellmouth/log"
import { encodeRecordLine } from "./ndjson-record-encoder.ts"

/**
 * Writes entries as NDJSON, one line a chunk: the bytes of each record and a line feed.
 *
 * The records are not parsed, except one that holds LF (see `NdjsonRecordEncoder`).
 *
 * @throws {HttpError} `NOT_JSON` into the readable, after the lines before it.
 *
 * @example Entries as lines
 * ```ts
 * import assert from "node:assert/strict"
 * import { LogNdjsonEncoderStream } from "@bellmouth/http"
 * import { createMemoryLog } from "@bellmouth/log"
 *
 * const log = createMemoryLog()
 * const writer = log.writable().getWriter()
 * await writer.write(new TextEncoder().encode('{"n":1}'))
 * await writer.close()
 * const lines = log.replay().pipeThrough(new LogNdjsonEncoderStream())
 * assert.equal(await new Response(lines).text(), '{"n":1}\n')
 * ```
 */
export class LogNdjsonEncoderStream extends Stage<LogEntry, Uint8Array> {
  constructor() {
    super({ transform: (entry, controller) => controller.enqueue(encodeRecordLine(entry)) })
  }
}

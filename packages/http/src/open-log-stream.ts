import { stage } from "@bellmouth/core"
import type { SseEvent } from "@bellmouth/framing"
import { type LogEntry, type Offset, toOffset } from "@bellmouth/log"
import { decodeBase64 } from "./base64.ts"
import { EventStream } from "./event-stream.ts"
import type { EventStreamOptions } from "./event-stream-options.ts"
import { HttpError } from "./http-error.ts"
import { decodeResumeId, type ResumePoint } from "./resume-id.ts"
import { base64EventType } from "./sse-record-encoder.ts"
import { encodeUtf8 } from "./utf8.ts"

/** A record of 16 MiB, the most that a log takes by default, as base64: its data lines are no more. */
const maxEventBytes = 25_165_824

/** One record of a log that is read over HTTP. */
export interface RemoteEntry extends LogEntry {
  /** The id to resume after this record, for `lastEventId` or `?offset=`. */
  readonly id: string
}

/**
 * Reads a log over HTTP as one readable of entries, across every cut of the connection.
 *
 * Each entry's offset must follow the one before: a server or a proxy that leaves one out, or
 * repeats one, errors the readable instead of passing for a complete log. The readable follows the
 * log until it is cancelled or `signal` aborts; with `?follow=false` in the URL it closes at the
 * tail. Entries can be written to `append()` of another log.
 *
 * @throws {HttpError} into the readable: those of `EventStream`, `OUT_OF_ORDER`, and `BAD_RESPONSE`
 * for an event that no log server of ours sends.
 * @throws {HttpError} `BAD_OFFSET` when `lastEventId` is no resume id, and what `EventStream` throws.
 *
 * @example Copy a log over HTTP
 * ```ts
 * import assert from "node:assert/strict"
 * import { createLogHandler, openLogStream } from "@bellmouth/http"
 * import { createMemoryLog } from "@bellmouth/log"
 *
 * const log = createMemoryLog()
 * const writer = log.writable().getWriter()
 * for (const text of ["one", "two"]) await writer.write(new TextEncoder().encode(text))
 * await writer.close()
 *
 * const handle = createLogHandler(log)
 * const entries = openLogStream("http://localhost/?follow=false", {
 *   fetch: (url, init) => handle(new Request(url, init)),
 *   retryMs: 1,
 * })
 * const copy = createMemoryLog()
 * await entries.pipeTo(copy.writable())
 * assert.equal(await copy.tail(), await log.tail())
 * ```
 */
export function openLogStream(
  url: string | URL,
  options: EventStreamOptions = {},
): ReadableStream<RemoteEntry> {
  const { lastEventId = "" } = options
  const decoder = new EntryDecoder(lastEventId === "" ? undefined : decodeResumeId(lastEventId))
  return new EventStream(url, { maxEventBytes, ...options }).pipeThrough(
    stage<SseEvent, RemoteEntry>({
      transform: (event, controller) => controller.enqueue(decoder.decode(event)),
    }),
  )
}

/** Turns events into entries, and holds them to their order. */
class EntryDecoder {
  #expected: ResumePoint | undefined

  constructor(expected: ResumePoint | undefined) {
    this.#expected = expected
  }

  decode(event: SseEvent): RemoteEntry {
    const point = resumePointOf(event)
    const offset = offsetBefore(point)
    const expected = this.#expected
    if (expected !== undefined && (point.log !== expected.log || offset !== expected.offset)) {
      throw new HttpError(
        "OUT_OF_ORDER",
        `Cannot go on reading: expected offset ${expected.offset} of ${expected.log}, got ${offset} of ${point.log}`,
      )
    }
    this.#expected = point
    return { id: event.lastEventId, offset, data: dataOf(event) }
  }
}

function resumePointOf(event: SseEvent): ResumePoint {
  try {
    return decodeResumeId(event.lastEventId)
  } catch (cause) {
    const id = JSON.stringify(event.lastEventId.slice(0, 64))
    throw new HttpError("BAD_RESPONSE", `Cannot read the log: an event has the id ${id}`, { cause })
  }
}

function offsetBefore(point: ResumePoint): Offset {
  if (point.offset > 0) return toOffset(point.offset - 1)
  throw new HttpError(
    "BAD_RESPONSE",
    "Cannot read the log: an event stands before its first record",
  )
}

function dataOf(event: SseEvent): Uint8Array {
  if (event.type !== base64EventType) return encodeUtf8(event.data)
  const data = decodeBase64(event.data)
  if (data !== undefined) return data
  throw new HttpError("BAD_RESPONSE", `Cannot read record ${event.lastEventId}: it is not base64`)
}

import type { Log, Offset, RecordBatch, ReplayOptions } from "@bellmouth/log"
import { HttpError } from "./http-error.ts"
import { logBody } from "./log-body.ts"
import { parseLogQuery } from "./log-query.ts"
import { framingOf, negotiateRecordEncoder } from "./media-types.ts"
import { isAnswerable, problem } from "./problem.ts"
import { resolvePosition, trimmed } from "./resolve-position.ts"
import { encodeLogId, encodeResumeId, offsetAfter } from "./resume-id.ts"
import { schedule as runtimeSchedule, type Schedule } from "./schedule.ts"

/** The part of a log that is served: it is only ever read. */
export type ReadableLog = Pick<Log, "id" | "start" | "tail" | "sealed" | "replayBatches">

/** What `createLogHandler` takes. */
export interface LogHandlerOptions {
  /**
   * Called for every request, before anything is read. `true` lets it pass, `false` answers 403, a
   * response is sent as it is. Default: every request passes.
   */
  readonly authorize?: (request: Request) => boolean | Response | Promise<boolean | Response>
  /**
   * The longest silence of a followed body, in milliseconds; then a comment (SSE) or a blank line
   * (NDJSON) is sent. 0 turns it off. Default 5,000: some servers close a body after 10 s of silence.
   */
  readonly heartbeatMs?: number
  /** How long an event stream's client waits before it reconnects, in milliseconds. Default 1,000. */
  readonly retryMs?: number
  /** Called with what is answered as 500 without its message. Default `console.error`. */
  readonly onError?: (error: unknown) => void
  /** The timer for heartbeats. Default the runtime's. */
  readonly schedule?: Schedule
}

type Settings = Required<LogHandlerOptions>

const methods = "GET, HEAD, OPTIONS"
/** With or without a body: what is answered now says nothing of what comes later. */
const commonHeaders = {
  "cache-control": "no-cache, no-transform",
  "x-accel-buffering": "no",
  "x-content-type-options": "nosniff",
  vary: "accept, last-event-id",
}
/** Says that nothing comes after what the response gives: its log is sealed. */
const CLOSED_HEADER = ["stream-closed", "true"] as const
const CLOSED: Record<string, string> = Object.fromEntries([CLOSED_HEADER])

/**
 * Serves a log as Server-Sent Events, NDJSON or a JSON array, by `Accept` (NDJSON without one).
 *
 * An event stream follows the log unless `?follow=false`; NDJSON ends at the tail unless
 * `?follow=true`; a JSON array always ends. A request begins at `Last-Event-ID`, else at `?offset=`
 * (a resume id, a number, `-1` for the start, `now` for the tail) or `?last=` records before the
 * tail, and gives at most `?limit=` records. A disconnect cancels the reader, never the log.
 *
 * The last part of a sealed log comes with `Stream-Closed: true`; an event stream of one ends after its last
 * record, and is answered by 204 from there, so that its client stays away.
 *
 * Faults are answered as problems (RFC 9457): 400 for a malformed query or id, 403, 405, 406, 410
 * when the id belongs to another log or to records that were trimmed, 416 past the tail.
 *
 * @throws {RangeError} when an option or the log's id can not be served.
 *
 * @example Serve an in-memory log and read it as NDJSON
 * ```ts
 * import assert from "node:assert/strict"
 * import { createLogHandler } from "@bellmouth/http"
 * import { createMemoryLog } from "@bellmouth/log"
 *
 * const log = createMemoryLog()
 * const writer = log.writable().getWriter()
 * await writer.write(new TextEncoder().encode('{"n":1}'))
 * await writer.close()
 *
 * const handle = createLogHandler(log)
 * const response = await handle(new Request("http://localhost/events?offset=0"))
 * assert.equal(response.headers.get("content-type"), "application/x-ndjson")
 * assert.equal(await response.text(), '{"n":1}\n')
 * ```
 */
export function createLogHandler(
  log: ReadableLog,
  options: LogHandlerOptions = {},
): (request: Request) => Promise<Response> {
  const settings: Settings = {
    authorize: options.authorize ?? (() => true),
    heartbeatMs: milliseconds(options.heartbeatMs ?? 5_000, "heartbeatMs"),
    retryMs: milliseconds(options.retryMs ?? 1_000, "retryMs"),
    // oxlint-disable-next-line no-console -- A fault that nobody asked for must still be seen.
    onError: options.onError ?? ((error) => console.error(error)),
    schedule: options.schedule ?? runtimeSchedule,
  }
  encodeLogId(log.id)
  return async (request) => {
    try {
      const pass = await settings.authorize(request)
      if (pass instanceof Response) return pass
      if (pass !== true) throw new HttpError("FORBIDDEN", "Cannot read this log: not allowed")
      return await answer(log, request, settings)
    } catch (error) {
      if (!isAnswerable(error)) {
        settings.onError(error)
        return problem(new HttpError("INTERNAL", "Cannot serve the log", { cause: error }))
      }
      return problem(error, error.code === "METHOD_NOT_ALLOWED" ? { allow: methods } : {})
    }
  }
}

async function answer(log: ReadableLog, request: Request, settings: Settings): Promise<Response> {
  const { method, headers, signal } = request
  if (method === "OPTIONS") return noContent({ allow: methods })
  if (method !== "GET" && method !== "HEAD") {
    throw new HttpError("METHOD_NOT_ALLOWED", `Cannot ${method} a log: want one of ${methods}`)
  }
  const encoder = negotiateRecordEncoder(headers.get("accept"), log.id, settings.retryMs)
  const query = parseLogQuery(new URL(request.url).searchParams, headers.get("last-event-id"))
  const framing = framingOf(encoder)
  const isEventStream = framing === "sse"
  const follow = query.follow ?? isEventStream
  if (follow && framing === "json") {
    throw new HttpError("BAD_QUERY", "Cannot follow a log as one JSON array: ask for NDJSON or SSE")
  }

  // Asked first: the tail of a log that is sealed is its last.
  const isSealed = await log.sealed()
  const start = await log.start()
  const tail = await log.tail()
  const isFinite = !follow || isSealed
  const from = resolvePosition(query.from, log.id, { start, tail })
  // 204 is the standard's way to tell an EventSource that there is nothing to come back for.
  if (isEventStream && isFinite && from === tail) return noContent(isSealed ? CLOSED : {})

  const respond = (body: ReadableStream<Uint8Array> | null, begin: Offset): Response => {
    const responseHeaders = new Headers({ ...commonHeaders, "content-type": encoder.contentType })
    if (isFinite) {
      const left = tail - begin
      const end = offsetAfter(begin, Math.min(query.limit ?? left, left))
      responseHeaders.set("stream-next-offset", encodeResumeId({ log: log.id, offset: end }))
      if (isSealed && end === tail) responseHeaders.set(...CLOSED_HEADER)
    }
    // The DOM types ask for bytes that are not shared between threads; a log's never are.
    return new Response(body as ReadableStream<Uint8Array<ArrayBuffer>> | null, {
      headers: responseHeaders,
    })
  }
  if (method === "HEAD") return respond(null, from === "start" ? start : from)
  const replay: ReplayOptions = {
    from,
    follow,
    ...(follow ? {} : { until: tail }),
    ...(query.limit === undefined ? {} : { limit: query.limit }),
  }
  const source = await openReader(log, replay, tail, query.from.at === "last")
  const { heartbeatMs, schedule } = settings
  return respond(logBody({ ...source, encoder, heartbeatMs, schedule, signal }), source.from)
}

interface OpenedReader {
  readonly reader: ReadableStreamDefaultReader<RecordBatch>
  readonly first: RecordBatch | undefined
  readonly from: Offset
}

/**
 * Starts the replay. Where records are known to exist the first batch is awaited, so that a position
 * that is unreadable, or trimmed meanwhile, is answered by a status and not by a body that breaks.
 */
async function openReader(
  log: ReadableLog,
  replay: ReplayOptions,
  tail: Offset,
  movesOn: boolean,
): Promise<OpenedReader> {
  const { from } = replay
  const reader = log.replayBatches(replay).getReader()
  if (from === tail) return { reader, first: undefined, from: tail }
  try {
    const { value: first } = await reader.read()
    return { reader, first, from: first?.offset ?? (typeof from === "number" ? from : tail) }
  } catch (error) {
    if (!isTrimmed(error)) throw error
    if (movesOn) return openReader(log, { ...replay, from: "start" }, tail, false)
    throw trimmed({ cause: error })
  }
}

function noContent(headers: Record<string, string>): Response {
  return new Response(null, { status: 204, headers: { ...commonHeaders, ...headers } })
}

function isTrimmed(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "OFFSET_TRIMMED"
}

function milliseconds(value: number, name: string): number {
  if (Number.isSafeInteger(value) && value >= 0 && value <= 2_147_483_647) return value
  throw new RangeError(`Cannot use ${name} ${value}: want whole milliseconds from 0 to 2147483647`)
}

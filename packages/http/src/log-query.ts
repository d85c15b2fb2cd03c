import type { Offset } from "@bellmouth/log"
import { HttpError } from "./http-error.ts"
import { decodeDecimal, decodeResumeId, type ResumePoint, shown } from "./resume-id.ts"

/** Where a request wants to begin. */
export type LogPosition =
  | { readonly at: "start" }
  | { readonly at: "tail" }
  | { readonly at: "last"; readonly count: number }
  | { readonly at: "offset"; readonly offset: Offset }
  | { readonly at: "resume"; readonly point: ResumePoint }

/** What a request asks of a log. */
export interface LogQuery {
  readonly from: LogPosition
  readonly limit: number | undefined
  readonly follow: boolean | undefined
}

/**
 * Reads `offset`, `last`, `limit` and `follow` from a URL, and the `Last-Event-ID` header.
 *
 * The header wins over `offset` and `last`: an `EventSource` keeps its URL when it reconnects.
 * Unknown parameters are ignored; a known one that is repeated, empty or malformed is refused.
 *
 * @throws {HttpError} `BAD_QUERY` or `BAD_OFFSET`
 */
export function parseLogQuery(parameters: URLSearchParams, lastEventId: string | null): LogQuery {
  const offset = single(parameters, "offset")
  const last = single(parameters, "last")
  if (offset !== undefined && last !== undefined) {
    throw badQuery("Cannot begin at two places: give either offset or last")
  }
  return {
    from: position(offset, last, lastEventId),
    limit: wholeNumber(single(parameters, "limit"), "limit"),
    follow: flag(single(parameters, "follow"), "follow"),
  }
}

function position(
  offset: string | undefined,
  last: string | undefined,
  lastEventId: string | null,
): LogPosition {
  if (lastEventId !== null && lastEventId !== "") {
    return { at: "resume", point: decodeResumeId(lastEventId) }
  }
  const count = wholeNumber(last, "last")
  if (count !== undefined) return { at: "last", count }
  if (offset === undefined || offset === "-1") return { at: "start" }
  if (offset === "now") return { at: "tail" }
  const plain = decodeDecimal(offset)
  if (plain !== undefined) return { at: "offset", offset: plain }
  return { at: "resume", point: decodeResumeId(offset) }
}

function single(parameters: URLSearchParams, name: string): string | undefined {
  const values = parameters.getAll(name)
  if (values.length > 1) {
    throw badQuery(`Cannot read ${name}: it is given ${values.length} times`)
  }
  return values[0]
}

function wholeNumber(text: string | undefined, name: string): number | undefined {
  if (text === undefined) return undefined
  const value = decodeDecimal(text)
  if (value === undefined || value === 0) {
    throw badQuery(`Cannot read ${name}=${shown(text)}: want a whole number from 1`)
  }
  return value
}

function flag(text: string | undefined, name: string): boolean | undefined {
  if (text === undefined) return undefined
  if (text === "true") return true
  if (text === "false") return false
  throw badQuery(`Cannot read ${name}=${shown(text)}: want true or false`)
}

function badQuery(message: string): HttpError {
  return new HttpError("BAD_QUERY", message, { status: 400 })
}

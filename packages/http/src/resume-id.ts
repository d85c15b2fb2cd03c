import { type Offset, toOffset } from "@bellmouth/log"
import { HttpError } from "./http-error.ts"

/** A position in one certain log, as it travels in `id:`, `Last-Event-ID` and `?offset=`. */
export interface ResumePoint {
  readonly log: string
  readonly offset: Offset
}

const maxIdLength = 256
const maxShownLength = 64

/**
 * Writes a resume id: the log's id, percent-encoded, a dot, and the offset in decimal.
 *
 * It holds only visible ASCII without quotes, so that it fits every header, and no CR, LF or NUL.
 *
 * @throws {RangeError} when the log's id is empty or over 239 characters long once encoded.
 *
 * @example Name a position in a log
 * ```ts
 * import assert from "node:assert/strict"
 * import { encodeResumeId } from "@bellmouth/http"
 * import { toOffset } from "@bellmouth/log"
 *
 * assert.equal(encodeResumeId({ log: "orders/eu", offset: toOffset(42) }), "orders%2Feu.42")
 * ```
 */
export function encodeResumeId(point: ResumePoint): string {
  return `${encodeLogId(point.log)}.${point.offset}`
}

/** The part of a resume id that says which log it belongs to. */
export function encodeLogId(log: string): string {
  const encoded = encodeURIComponent(log).replaceAll("'", "%27")
  if (encoded === "" || encoded.length > maxIdLength - 17) {
    throw new RangeError(
      `Cannot serve a log whose id is ${encoded.length} characters long: want 1 to ${maxIdLength - 17}`,
    )
  }
  return encoded
}

/**
 * Reads a resume id, strictly: what `encodeResumeId` did not write is refused.
 *
 * @throws {HttpError} `BAD_OFFSET`
 *
 * @example Read what a client sent back
 * ```ts
 * import assert from "node:assert/strict"
 * import { decodeResumeId } from "@bellmouth/http"
 *
 * assert.deepEqual(decodeResumeId("orders%2Feu.42"), { log: "orders/eu", offset: 42 })
 * assert.throws(() => decodeResumeId("42"), { code: "BAD_OFFSET" })
 * ```
 */
export function decodeResumeId(text: string): ResumePoint {
  const dot = text.length > maxIdLength ? -1 : text.lastIndexOf(".")
  if (dot > 0) {
    const offset = decodeDecimal(text.slice(dot + 1))
    const log = decodeLogId(text.slice(0, dot))
    if (offset !== undefined && log !== undefined) return { log, offset }
  }
  throw new HttpError(
    "BAD_OFFSET",
    `Cannot resume from ${shown(text)}: want an id as this log handed it out, like "logid.42"`,
    { status: 400 },
  )
}

/** Reads digits without leading zeros as an offset, or gives `undefined`. */
export function decodeDecimal(digits: string): Offset | undefined {
  if (!/^(?:0|[1-9][0-9]{0,15})$/.test(digits)) return undefined
  const value = Number(digits)
  return Number.isSafeInteger(value) ? toOffset(value) : undefined
}

/** The offset of the record after the one at `offset`: that is where a reader of it resumes. */
export function offsetAfter(offset: Offset, count = 1): Offset {
  return toOffset(offset + count)
}

/** A client's text, quoted and cut for use in a message. */
export function shown(text: string): string {
  return JSON.stringify(text.length > maxShownLength ? `${text.slice(0, maxShownLength)}…` : text)
}

function decodeLogId(encoded: string): string | undefined {
  try {
    const log = decodeURIComponent(encoded)
    return encodeLogId(log) === encoded ? log : undefined
  } catch {
    return undefined // Malformed percent-encoding: the caller reports it as BAD_OFFSET.
  }
}

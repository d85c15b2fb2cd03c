import { concatBytes } from "@bellmouth/core"
import type { Offset, RecordBatch } from "@bellmouth/log"
import { encodeBase64 } from "./base64.ts"
import { nothing, type RecordEncoder } from "./record-encoder.ts"
import { encodeLogId, offsetAfter } from "./resume-id.ts"
import { decodeUtf8, encodeUtf8 } from "./utf8.ts"

/** The event type of a record that text can not carry: its data is base64. */
export const base64EventType = "base64"

/** The most bytes of a record's data lines: what more would do to a reader's limit, base64 does not. */
const maxDataLinesBytes = 16_777_216
const dataFieldBytes = 6
const lineFeed = 0x0a
const carriageReturn = 0x0d
const maxDecimalLength = 16

/**
 * Writes records as Server-Sent Events, each with the offset to resume from as its `id`.
 *
 * A record that is UTF-8 without CR is the event's data, byte for byte, LF included (one `data`
 * line for each of its lines, together at most 16,777,216 bytes). Any other record is an event of type
 * `base64`, so that a reader gets exactly what was appended.
 *
 * @example Write a stored batch as events
 * ```ts
 * import assert from "node:assert/strict"
 * import { SseRecordEncoder } from "@bellmouth/http"
 * import { START, toRecordBatch } from "@bellmouth/log"
 *
 * const bytes = new TextEncoder().encode('{"n":1}\n')
 * const batch = toRecordBatch({ offset: START, count: 1, framing: "lines", bytes })
 * const events = new SseRecordEncoder("logid", 1000).encode(batch)
 * assert.equal(new TextDecoder().decode(events), 'id: logid.1\ndata: {"n":1}\n\n')
 * ```
 */
export class SseRecordEncoder implements RecordEncoder {
  readonly contentType = "text/event-stream"
  readonly heartbeat: Uint8Array = encodeUtf8(":\n\n")
  readonly #retryMs: number
  readonly #idPrefix: Uint8Array
  readonly #dataPrefix: Uint8Array = encodeUtf8("\ndata: ")
  readonly #base64Prefix: Uint8Array = encodeUtf8(`\nevent: ${base64EventType}\ndata: `)

  constructor(log: string, retryMs: number) {
    this.#retryMs = retryMs
    this.#idPrefix = encodeUtf8(`id: ${encodeLogId(log)}.`)
  }

  /** The reconnection time, and an id-only block: a client that saw no event yet resumes from there. */
  start(from: Offset): Uint8Array {
    return concatBytes([
      encodeUtf8(`retry: ${this.#retryMs}\n`),
      this.#idPrefix,
      encodeUtf8(`${from}\n\n`),
    ])
  }

  encode(batch: RecordBatch): Uint8Array {
    const { framing, bytes } = batch
    const isShort = bytes.length <= maxDataLinesBytes - dataFieldBytes
    const isPlain = framing === "lines" && isShort && isText(bytes)
    return isPlain ? this.#encodeLines(batch) : this.#encodeEach(batch)
  }

  finish(): Uint8Array {
    return nothing
  }

  /** Every record is one line of text: copied from LF to LF, nothing is decoded. */
  #encodeLines(batch: RecordBatch): Uint8Array {
    const { bytes, count } = batch
    const perRecord = this.#idPrefix.length + maxDecimalLength + this.#dataPrefix.length + 2
    const out = new Uint8Array(bytes.length + count * perRecord)
    let written = 0
    let start = 0
    for (let index = 1; index <= count; index++) {
      const end = bytes.indexOf(lineFeed, start)
      out.set(this.#idPrefix, written)
      written = writeDecimal(out, written + this.#idPrefix.length, offsetAfter(batch.offset, index))
      out.set(this.#dataPrefix, written)
      written += this.#dataPrefix.length
      out.set(bytes.subarray(start, end), written)
      written += end - start
      out[written++] = lineFeed
      out[written++] = lineFeed
      start = end + 1
    }
    return out.subarray(0, written)
  }

  #encodeEach(batch: RecordBatch): Uint8Array {
    const parts: Uint8Array[] = []
    for (const { offset, data } of batch) {
      const plain = isText(data) && fitsDataLines(data)
      parts.push(
        this.#idPrefix,
        encodeUtf8(String(offsetAfter(offset))),
        plain ? this.#dataPrefix : this.#base64Prefix,
        plain ? withDataLines(data) : encodeUtf8(encodeBase64(data)),
        encodeUtf8("\n\n"),
      )
    }
    return concatBytes(parts)
  }
}

/** Whether a record's bytes survive as event data: UTF-8, and no CR, which would come back as LF. */
function isText(bytes: Uint8Array): boolean {
  return !bytes.includes(carriageReturn) && decodeUtf8(bytes) !== undefined
}

function fitsDataLines(data: Uint8Array): boolean {
  let left = maxDataLinesBytes - dataFieldBytes - data.length
  // Most have no need of counting: not even if there were nothing else in it would there be too many.
  if (data.length * dataFieldBytes <= left) return true
  for (let at = data.indexOf(lineFeed); at >= 0 && left >= 0; at = data.indexOf(lineFeed, at + 1)) {
    left -= dataFieldBytes
  }
  return left >= 0
}

function withDataLines(data: Uint8Array): Uint8Array {
  if (!data.includes(lineFeed)) return data
  return encodeUtf8((decodeUtf8(data) ?? "").replaceAll("\n", "\ndata: "))
}

function writeDecimal(out: Uint8Array, position: number, value: number): number {
  const digits = String(value)
  for (let index = 0; index < digits.length; index++) out[position++] = digits.charCodeAt(index)
  return position
}

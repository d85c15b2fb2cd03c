import { checkBytes } from "@bellmouth/core"
import { EncodedLine } from "./encoded-line.ts"

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

/**
 * One record that is JSON text already, checked so that it can be written as a line.
 *
 * The constructor refuses with a `TypeError` what is not exactly one JSON value in UTF-8, or holds
 * a CR or LF: such text could forge another record. The NDJSON encoders write the text as it is.
 *
 * Source: ndjson-spec 1.0.0, section 3.1.
 *
 * @example Pass stored JSON on without encoding it again
 * ```ts
 * import assert from "node:assert/strict"
 * import { encodeNdjson, NdjsonLine } from "@bellmouth/framing"
 *
 * const stored = new TextEncoder().encode('{"price":1.10}')
 * const bytes = encodeNdjson([new NdjsonLine(stored), { a: 1 }])
 * assert.equal(new TextDecoder().decode(bytes), '{"price":1.10}\n{"a":1}\n')
 * assert.throws(() => new NdjsonLine('1\n{"forged":true}'), TypeError)
 * ```
 */
export class NdjsonLine extends EncodedLine {
  /** The JSON text, without a line end. */
  readonly text: string

  constructor(encoded: string | Uint8Array) {
    super()
    this.text = checked(typeof encoded === "string" ? encoded : decode(encoded))
  }
}

function checked(text: string): string {
  const end = text.search(/[\r\n]/)
  if (end !== -1)
    throw new TypeError(
      `Cannot take an encoded line: it has a line end at ${end}; take one record at a time`,
    )
  if (/\p{Surrogate}/u.test(text))
    throw new TypeError(
      "Cannot take an encoded line: it has a lone surrogate, which is not UTF-8; escape it",
    )
  try {
    JSON.parse(text)
  } catch (cause) {
    const excerpt = JSON.stringify(text.slice(0, 64))
    throw new TypeError(`Cannot take an encoded line: it is not JSON, found ${excerpt}`, { cause })
  }
  return text
}

function decode(bytes: Uint8Array): string {
  checkBytes("take an encoded line", bytes)
  try {
    return utf8.decode(bytes)
  } catch (cause) {
    throw new TypeError("Cannot take an encoded line: it is not UTF-8", { cause })
  }
}

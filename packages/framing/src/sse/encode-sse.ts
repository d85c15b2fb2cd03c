import { utf8 } from "../utf8/utf8-encoder.ts"
import type { SseEventInit } from "./sse-event.ts"

/**
 * Encodes events as the bytes of an event stream; any conforming parser reads back what was given.
 *
 * Nothing can be injected: a CR, LF or NUL in `event` or `id` is a `TypeError`, and so is a `retry`
 * that is not an integer from 0; `data` and `comment` are split into lines at CRLF, CR and LF. Each
 * field is written with one space, so leading spaces survive. A lone surrogate becomes U+FFFD.
 *
 * Source: HTML, section 9.2.5.
 *
 * @example Encode events
 * ```ts
 * import assert from "node:assert/strict"
 * import { encodeSse } from "@bellmouth/framing"
 *
 * const bytes = encodeSse([{ event: "add", data: "1\n2" }, { id: "7" }, { comment: "hi" }])
 * assert.equal(
 *   new TextDecoder().decode(bytes),
 *   "event: add\ndata: 1\ndata: 2\n\nid: 7\n\n: hi\n",
 * )
 * assert.throws(() => encodeSse([{ event: "a\ndata: forged", data: "" }]), TypeError)
 * ```
 */
export function encodeSse(events: Iterable<SseEventInit>): Uint8Array<ArrayBuffer> {
  let text = ""
  for (const event of events) text += encodeSseText(event)
  return utf8.encode(text)
}

/**
 * Encodes one event as text, for whoever joins text before encoding it.
 *
 * A comment alone ends without a blank line, so that it dispatches nothing. Throws a `TypeError`
 * as {@link encodeSse} does.
 *
 * @example Write a heartbeat
 * ```ts
 * import assert from "node:assert/strict"
 * import { encodeSseText } from "@bellmouth/framing"
 *
 * assert.equal(encodeSseText({ comment: "" }), ": \n")
 * assert.equal(encodeSseText({ data: " token" }), "data:  token\n\n")
 * ```
 */
export function encodeSseText(init: SseEventInit): string {
  const { event, data, id, retry, comment } = init ?? {}
  let text = ""
  if (event !== undefined) text += `event: ${oneLine("event", event)}\n`
  if (id !== undefined) text += `id: ${oneLine("id", id)}\n`
  if (retry !== undefined) text += `retry: ${milliseconds(retry)}\n`
  if (data !== undefined) text += lines("data", "data: ", data)
  if (text !== "") text += "\n"
  if (comment !== undefined) text = lines("comment", ": ", comment) + text
  if (text !== "") return text
  throw new TypeError(
    "Cannot encode an SSE event: it has no field; give event, data, id, retry or comment",
  )
}

function oneLine(name: string, value: unknown): string {
  if (typeof value !== "string") throw notText(name, value)
  let at = 0
  while (at < value.length && !isForbidden(value.charCodeAt(at))) at++
  if (at === value.length) return value
  const start = JSON.stringify(value.slice(0, 64))
  throw new TypeError(
    `Cannot encode an SSE event: ${name} has a CR, LF or NUL at ${at}, found ${start}; remove it`,
  )
}

function isForbidden(unit: number): boolean {
  return unit === 10 || unit === 13 || unit === 0
}

function lines(name: string, prefix: string, value: unknown): string {
  if (typeof value !== "string") throw notText(name, value)
  if (value.indexOf("\n") === -1 && value.indexOf("\r") === -1) return `${prefix}${value}\n`
  return `${prefix}${value.replace(/\r\n|\r|\n/g, `\n${prefix}`)}\n`
}

function milliseconds(value: unknown): string {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return String(value)
  const found = typeof value === "number" ? value : typeof value
  throw new TypeError(`Cannot encode an SSE event: retry must be an integer from 0, not ${found}`)
}

function notText(name: string, value: unknown): TypeError {
  return new TypeError(`Cannot encode an SSE event: ${name} must be a string, not ${typeof value}`)
}

import type { Offset } from "@bellmouth/log"
import { HttpError } from "./http-error.ts"
import { decodeUtf8 } from "./utf8.ts"

/**
 * The text of a record that is one JSON value.
 *
 * @throws {HttpError} `NOT_JSON`, naming the record's offset.
 */
export function jsonTextOf(data: Uint8Array, offset: Offset): string {
  const text = decodeUtf8(data)
  if (text === undefined) throw notJson(offset, "it is not UTF-8")
  try {
    JSON.parse(text)
  } catch (cause) {
    throw notJson(offset, "it is not JSON", cause)
  }
  return text
}

function notJson(offset: Offset, state: string, cause?: unknown): HttpError {
  return new HttpError(
    "NOT_JSON",
    `Cannot send record ${offset} as JSON: ${state}; ask for text/event-stream, which carries any bytes`,
    cause === undefined ? {} : { cause },
  )
}

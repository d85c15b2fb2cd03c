import type { RecordBatch } from "@bellmouth/log"
import { jsonTextOf } from "./json-text.ts"
import { nothing, type RecordEncoder } from "./record-encoder.ts"
import { encodeUtf8 } from "./utf8.ts"

/**
 * Writes records as one JSON array, one record a line.
 *
 * Every record is checked: a single one that is not JSON would spoil the whole array.
 *
 * @throws {HttpError} `NOT_JSON` from `encode`.
 */
export class JsonRecordEncoder implements RecordEncoder {
  readonly contentType = "application/json"
  readonly heartbeat: Uint8Array = nothing
  #separator = "[\n"

  start(): Uint8Array {
    return nothing
  }

  encode(batch: RecordBatch): Uint8Array {
    let text = ""
    for (const { offset, data } of batch) {
      text += this.#separator + jsonTextOf(data, offset)
      this.#separator = ",\n"
    }
    return encodeUtf8(text)
  }

  finish(): Uint8Array {
    return encodeUtf8(this.#separator === ",\n" ? "\n]\n" : "[]\n")
  }
}

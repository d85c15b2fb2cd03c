import { encodeJson } from "./encode-json.ts"

/** Encodes exactly one value. */
export class JsonEncoder {
  #values = 0

  push(value: unknown): Uint8Array {
    this.#values += 1
    if (this.#values === 1) return encodeJson(value)
    throw new TypeError("Cannot encode a second JSON value: a JSON body holds one; encode NDJSON")
  }

  finish(): void {
    if (this.#values === 0)
      throw new TypeError("Cannot encode a JSON value: the stream ended without one; write null")
  }
}

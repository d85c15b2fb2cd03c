import { concatBytes, isBytes } from "@bellmouth/core"

/** How values become bytes; both sides of a service use the same. */
export interface ValueCodec {
  /** @throws {TypeError} when the value has no bytes. */
  encode(value: unknown): Uint8Array
  /** Reads one value, which nobody has checked. Throws when the bytes are none. */
  decode(bytes: Uint8Array): unknown
}

/** No JSON text begins with NUL, so it marks bytes that are no JSON. */
const BYTES = new Uint8Array([0])

const utf8 = new TextDecoder("utf-8", { fatal: true })

/**
 * JSON, but for a `Uint8Array`, which travels as it is behind one byte, and `undefined`, which is no
 * bytes. Within a value, as parameters are, both are what JSON makes of them. Keys such as `__proto__`
 * stay keys.
 *
 * @example Values and bytes
 * ```ts
 * import assert from "node:assert/strict"
 * import { jsonCodec } from "@bellmouth/mux/service"
 *
 * const roundTrip = (value: unknown) => jsonCodec.decode(jsonCodec.encode(value))
 * assert.deepEqual(roundTrip({ n: [1, null] }), { n: [1, null] })
 * assert.deepEqual(roundTrip(new Uint8Array([7])), new Uint8Array([7]))
 * assert.equal(roundTrip(undefined), undefined)
 * ```
 */
export const jsonCodec: ValueCodec = {
  encode(value) {
    if (isBytes(value)) return concatBytes([BYTES, value])
    if (value === undefined) return new Uint8Array(0)
    const text: string | undefined = JSON.stringify(value)
    if (text === undefined) throw new TypeError(`Cannot send ${typeof value}: it has no JSON`)
    return new TextEncoder().encode(text)
  },
  decode(bytes) {
    if (bytes.byteLength === 0) return undefined
    if (bytes[0] === 0) return bytes.subarray(1)
    return JSON.parse(utf8.decode(bytes))
  },
}

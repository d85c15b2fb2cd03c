/** The most bytes of UTF-8 that the name of a log may have. */
const MAX_BYTES = 512
/** Longer names are known by their digest. */
const MAX_REVERSIBLE_BYTES = 120
/** How many bytes of such a name are there to read. */
const PREFIX_BYTES = 40
/** What is escaped to more characters is written in hexadecimal digits: 120 bytes need as many. */
const MAX_ESCAPED = 240
const DIGEST_DIGITS = 64

const PLAIN = /^[a-z0-9-]$/
const HEX = /^(?:[0-9a-f]{2})*$/

/**
 * Makes the token that stands for a log's name where a log is kept: as the name of a folder or file, a
 * part of a git ref, a key of a server. Any two names have two tokens, wherever case or normal form do
 * not count as well; and a token is harmless everywhere: 2 to 242 of `a`-`z`, `0`-`9`, `_` and `-`, the first of
 * which says the form.
 *
 * - `n-`: `a`-`z`, `0`-`9` and `-` stand for themselves, every other byte is `_` and two digits;
 * - `x-`: two digits for each byte, for names whose first form would have more than 240 characters;
 * - `h-`: names over 120 bytes: their first 40 bytes as in `n-`, `-`, and the SHA-256 of all. It can not be
 *   turned back, so whoever keeps the log keeps its name with it.
 *
 * SHA-256 is that of Web Cryptography, which browsers have in secure contexts only.
 *
 * @throws {TypeError} (by rejecting) when the name is no string.
 * @throws {RangeError} (by rejecting) when it has more than 512 bytes of UTF-8, or a lone surrogate.
 *
 * @example Names that a file system would mix up
 * ```ts
 * import assert from "node:assert/strict"
 * import { decodeLogName, encodeLogName } from "@bellmouth/log"
 *
 * assert.equal(await encodeLogName("orders-2"), "n-orders-2")
 * assert.equal(await encodeLogName("Orders/.."), "n-_4frders_2f_2e_2e")
 * assert.equal(decodeLogName("n-_4frders_2f_2e_2e"), "Orders/..")
 * ```
 */
export async function encodeLogName(name: string): Promise<string> {
  const bytes = toBytes(name)
  if (bytes.length <= MAX_REVERSIBLE_BYTES) return encodeReversibly(bytes)
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))
  return `h-${escape(bytes.subarray(0, PREFIX_BYTES))}-${toHex(digest)}`
}

/**
 * The name that a token stands for; undefined when it was too long to be turned back.
 *
 * @throws {RangeError} when `encodeLogName` gives no such token.
 *
 * @example List the logs of a folder
 * ```ts
 * import assert from "node:assert/strict"
 * import { decodeLogName, encodeLogName } from "@bellmouth/log"
 *
 * assert.equal(decodeLogName("n-caf_c3_a9"), "café")
 * assert.equal(decodeLogName(await encodeLogName("long ".repeat(50))), undefined)
 * assert.throws(() => decodeLogName("n-../etc"), RangeError)
 * ```
 */
export function decodeLogName(token: string): string | undefined {
  const rest = token.slice(2)
  switch (token.slice(0, 2)) {
    case "n-":
    case "x-": {
      const bytes = token.startsWith("x") ? fromHex(rest) : unescape(rest)
      const name = bytes === undefined ? undefined : toText(bytes)
      if (bytes === undefined || name === undefined || encodeReversibly(bytes) !== token) break
      return name
    }
    case "h-": {
      const split = rest.length - DIGEST_DIGITS - 1
      const prefix = unescape(rest.slice(0, Math.max(0, split)))
      if (rest[split] !== "-" || fromHex(rest.slice(split + 1)) === undefined) break
      if (prefix?.length !== PREFIX_BYTES || escape(prefix) !== rest.slice(0, split)) break
      return undefined
    }
  }
  throw new RangeError(
    `Cannot decode ${JSON.stringify(token)} as the name of a log: want what encodeLogName gives`,
  )
}

/** @throws {TypeError | RangeError} when it is not the name of a log. */
function toBytes(name: string): Uint8Array<ArrayBuffer> {
  if (typeof name !== "string") {
    throw new TypeError(`Cannot name a log ${String(name)}: want a string`)
  }
  // A unit is at least one byte: what is longer is not worth encoding.
  const bytes = new TextEncoder().encode(name.slice(0, MAX_BYTES + 1))
  if (bytes.length > MAX_BYTES) {
    throw new RangeError(
      `Cannot name a log ${JSON.stringify(name.slice(0, 20))}...: want at most ${MAX_BYTES} bytes of UTF-8`,
    )
  }
  if (toText(bytes) !== name) {
    throw new RangeError(
      `Cannot name a log ${JSON.stringify(name)}: it has a lone surrogate, which is no text; replace it`,
    )
  }
  return bytes
}

function encodeReversibly(bytes: Uint8Array): string {
  const escaped = escape(bytes)
  return escaped.length <= MAX_ESCAPED ? `n-${escaped}` : `x-${toHex(bytes)}`
}

function escape(bytes: Uint8Array): string {
  let text = ""
  for (const byte of bytes) {
    const character = String.fromCharCode(byte)
    text += PLAIN.test(character) ? character : `_${toHex([byte])}`
  }
  return text
}

function unescape(text: string): Uint8Array | undefined {
  const bytes: number[] = []
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? ""
    const [escaped] = character === "_" ? (fromHex(text.slice(at + 1, at + 3)) ?? []) : []
    if (escaped === undefined && !PLAIN.test(character)) return undefined
    bytes.push(escaped ?? text.charCodeAt(at))
    if (escaped !== undefined) at += 2
  }
  return new Uint8Array(bytes)
}

function toHex(bytes: Iterable<number>): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")
}

function fromHex(text: string): Uint8Array | undefined {
  if (!HEX.test(text)) return undefined
  return Uint8Array.from({ length: text.length / 2 }, (_, n) =>
    Number.parseInt(text.slice(2 * n, 2 * n + 2), 16),
  )
}

/** The text that the bytes are, or undefined when they are none. */
function toText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    // Whoever asks says what is wrong.
    return undefined
  }
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true })

/** The text of a string of either kind, and the digits of a number. */
export function toText(reply: unknown): string {
  if (typeof reply === "string") return reply
  if (reply instanceof Uint8Array) return decoder.decode(reply)
  if (typeof reply === "number" || typeof reply === "bigint") return String(reply)
  throw unexpected(reply, "text")
}

/** A whole number, as integer or as text. */
export function toNumber(reply: unknown): number {
  const value = Number(toText(reply))
  if (!Number.isSafeInteger(value)) throw unexpected(reply, "a whole number")
  return value
}

export function toBytes(reply: unknown): Uint8Array {
  if (!(reply instanceof Uint8Array)) throw unexpected(reply, "bytes")
  // What a library adds to its class of bytes is nobody else's.
  if (reply.constructor === Uint8Array) return reply
  return new Uint8Array(reply.buffer, reply.byteOffset, reply.byteLength)
}

export function toList(reply: unknown): readonly unknown[] {
  if (!Array.isArray(reply)) throw unexpected(reply, "a list")
  return reply
}

/** Fields and values, in whichever form the client gives them: flat, as of old, or as a map. */
export function toPairs(reply: unknown): [field: string, value: string][] {
  const flat = isMap(reply) ? [...reply].flat() : toFlat(reply)
  return Array.from({ length: flat.length / 2 }, (_, n) => [
    toText(flat[2 * n]),
    toText(flat[2 * n + 1]),
  ])
}

function isMap(reply: unknown): reply is Map<unknown, unknown> {
  return reply instanceof Map
}

function toFlat(reply: unknown): readonly unknown[] {
  if (Array.isArray(reply)) return reply
  if (typeof reply !== "object" || reply === null) throw unexpected(reply, "fields and values")
  return Object.entries(reply).flat()
}

/** The code that an error reply of a server begins with; undefined for every other error. */
export function replyCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  return /^[A-Z][A-Z0-9]+(?= )/.exec(error.message)?.[0]
}

function unexpected(reply: unknown, wanted: string): TypeError {
  const seen = reply === null ? "nil" : typeof reply
  return new TypeError(`Cannot read the server's reply: want ${wanted}, and it is ${seen}`)
}

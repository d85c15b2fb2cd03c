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

/** The code that an error reply of a server begins with; undefined for every other error. */
export function replyCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  return /^[A-Z][A-Z0-9]+(?= )/.exec(error.message)?.[0]
}

function unexpected(reply: unknown, wanted: string): TypeError {
  const seen = reply === null ? "nil" : typeof reply
  return new TypeError(`Cannot read the server's reply: want ${wanted}, and it is ${seen}`)
}

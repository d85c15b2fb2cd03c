import { createHash } from "node:crypto"

/** The record of a name: bytes that nothing but that name gives, now and then with line feeds. */
export function recordOf(name: string): Uint8Array {
  const hash = createHash("sha256").update(name).digest()
  const filler = hash.toString("hex").repeat((hash[0] ?? 0) % 7)
  const separator = (hash[1] ?? 0) % 8 === 0 ? "\n" : " "
  return new TextEncoder().encode(name + separator + filler)
}

/** The name within a record. */
export function nameOf(record: Uint8Array): string {
  return /^[\d/]+/.exec(Buffer.from(record).toString("latin1"))?.[0] ?? ""
}

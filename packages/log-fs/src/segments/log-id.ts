import { randomBytes } from "node:crypto"
import { checksum } from "../files/checksum.ts"
import { LOG_ID_BYTES } from "./segment-header.ts"

export function createLogId(): Uint8Array {
  return new Uint8Array(randomBytes(LOG_ID_BYTES))
}

/** The id as text: 32 hexadecimal digits. */
export function idText(id: Uint8Array): string {
  return Buffer.from(id).toString("hex")
}

/** Where all checksums of the log begin. */
export function idSeed(id: Uint8Array): number {
  return checksum(id, 0)
}

export function sameId(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0
}

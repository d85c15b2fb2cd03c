import { hash } from "node:crypto"

/** How a repository names its objects. */
export type ObjectFormat = "sha1" | "sha256"

declare const oidBrand: unique symbol

/** The name of an object: its digest in hexadecimal digits. */
export type Oid = string & { readonly [oidBrand]: true }

/** The kinds of objects that a log is made of. */
export type ObjectType = "commit" | "tree" | "blob"

/** How many hexadecimal digits the name of an object has. */
export const OID_DIGITS: Readonly<Record<ObjectFormat, number>> = { sha1: 40, sha256: 64 }

/** An object before it is stored. */
export interface NewObject {
  readonly oid: Oid
  /** The object as git hashes it: type, length, NUL, content. */
  readonly framed: Uint8Array
}

/** The name that says "no object": what a ref is expected to be that does not exist. */
export function zeroOid(format: ObjectFormat): Oid {
  return "0".repeat(OID_DIGITS[format]) as Oid
}

export function isOid(text: string, format: ObjectFormat): text is Oid {
  return text.length === OID_DIGITS[format] && /^[0-9a-f]+$/.test(text)
}

export function toObject(
  format: ObjectFormat,
  type: ObjectType,
  ...content: readonly Uint8Array[]
): NewObject {
  const size = content.reduce((sum, part) => sum + part.length, 0)
  const framed = Buffer.concat([Buffer.from(`${type} ${size}\0`), ...content])
  return { oid: oidOf(format, framed), framed }
}

/** The name of an object, of what git hashes. */
export function oidOf(format: ObjectFormat, framed: Uint8Array): Oid {
  return hash(format, framed) as Oid
}

import { createHash, generateKeyPairSync, sign } from "node:crypto"

/** A certificate for `localhost` that vouches for itself, for as long as WebTransport accepts. */
export interface SelfSigned {
  readonly certificate: string
  readonly key: string
  /** SHA-256 of the certificate, in base64: by it a client knows whom it trusts. */
  readonly hash: string
}

const DAY_MS = 86_400_000
const ECDSA_WITH_SHA256 = sequence(oid("2a8648ce3d040302"))
const NAME = sequence(set(sequence(oid("550403"), value(0x0c, Buffer.from("localhost")))))

/** Makes a certificate: RFC 5280, section 4.1. */
export function selfSigned(now: number): SelfSigned {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" })
  const names = sequence(value(0x82, Buffer.from("localhost")))
  const extensions = sequence(sequence(oid("551d11"), value(0x04, names)))
  const content = sequence(
    value(0xa0, value(0x02, Buffer.of(2))), // version 3
    value(0x02, Buffer.of(1)),
    ECDSA_WITH_SHA256,
    NAME,
    sequence(time(now - DAY_MS), time(now + 9 * DAY_MS)),
    NAME,
    publicKey.export({ format: "der", type: "spki" }),
    value(0xa3, extensions),
  )
  const signature = Buffer.concat([Buffer.of(0), sign("sha256", content, privateKey)])
  const der = sequence(content, ECDSA_WITH_SHA256, value(0x03, signature))
  const lines = der.toString("base64").match(/.{1,64}/g) ?? []
  return {
    certificate: ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----"].join("\n"),
    key: privateKey.export({ format: "pem", type: "pkcs8" }).toString(),
    hash: createHash("sha256").update(der).digest("base64"),
  }
}

function value(tag: number, content: Buffer): Buffer {
  const { length } = content
  const long = length < 256 ? [0x81, length] : [0x82, length >>> 8, length & 255]
  return Buffer.concat([Buffer.of(tag, ...(length < 128 ? [length] : long)), content])
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return value(0x30, Buffer.concat(parts))
}

function set(...parts: readonly Buffer[]): Buffer {
  return value(0x31, Buffer.concat(parts))
}

function oid(hex: string): Buffer {
  return value(0x06, Buffer.from(hex, "hex"))
}

function time(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replace(/[-:T]|\.\d+/g, "")
  return value(0x17, Buffer.from(digits.slice(2)))
}

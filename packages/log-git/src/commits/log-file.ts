import { LogError } from "@bellmouth/log"
import { corrupt } from "../log-fault.ts"

const VERSION = 1

/** What a log was forked from. */
export interface ForkOrigin {
  readonly id: string
  readonly offset: number
}

/** The file `log` in the tree of every commit: what the log is, apart from its records. */
export interface LogFile {
  readonly id: string
  readonly name: string
  /** The offset of the first record that is kept. */
  readonly start: number
  readonly sealed: boolean
  readonly forkedFrom: ForkOrigin | undefined
}

export function encodeLogFile(file: LogFile): Uint8Array {
  return Buffer.from(`${JSON.stringify({ version: VERSION, ...file })}\n`)
}

/** @throws {LogError} `CORRUPT`, or `UNSUPPORTED_VERSION`. */
export function decodeLogFile(content: Uint8Array, path: string): LogFile {
  const value = parse(content)
  const { version, id, name, start, sealed, forkedFrom } = value
  if (typeof version === "number" && version > VERSION) {
    throw new LogError(
      "UNSUPPORTED_VERSION",
      `Cannot open the log: ${path} says version ${version}, and this is version ${VERSION}; update`,
      { path },
    )
  }
  if (
    version !== VERSION ||
    typeof id !== "string" ||
    typeof name !== "string" ||
    !isOffset(start) ||
    typeof sealed !== "boolean"
  ) {
    throw corrupt({ path, reason: "is not the file that says what the log is" })
  }
  return { id, name, start, sealed, forkedFrom: toOrigin(forkedFrom) }
}

function parse(content: Uint8Array): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(content))
    return typeof value === "object" && value !== null ? { ...value } : {}
  } catch {
    // Told as damage by the caller: none of the fields is there.
    return {}
  }
}

function toOrigin(value: unknown): ForkOrigin | undefined {
  if (typeof value !== "object" || value === null) return undefined
  const { id, offset } = { id: undefined, offset: undefined, ...value }
  return typeof id === "string" && isOffset(offset) ? { id, offset } : undefined
}

function isOffset(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0
}

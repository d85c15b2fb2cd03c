import type { Retention } from "@bellmouth/log-fs"
import type { Arguments } from "./read-arguments.ts"

/** The options of a command that gives up records by how much there is, or how old it is. */
export const retentionOptions = {
  "max-bytes": { type: "string" },
  "max-age": { type: "string" },
} as const

/** Reads them; undefined when none is given. */
export function toRetention(options: Arguments): Retention | undefined {
  const maxBytes = options.number("max-bytes", 0)
  const seconds = options.number("max-age", 0)
  if (maxBytes === undefined && seconds === undefined) return undefined
  return {
    ...(maxBytes === undefined ? {} : { maxBytes }),
    ...(seconds === undefined ? {} : { maxAgeMs: seconds * 1_000 }),
  }
}

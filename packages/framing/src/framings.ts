/**
 * One wire format, as data: what it is called, and how it is recognised.
 *
 * @example Name a response's content type
 * ```ts
 * import assert from "node:assert/strict"
 * import { type Framing, findFraming } from "@bellmouth/framing"
 *
 * const framing: Framing | undefined = findFraming({ name: "sse" })
 * assert.equal(framing?.contentTypes[0], "text/event-stream")
 * ```
 */
export interface Framing {
  readonly name: FramingName
  /** Lower case, without parameters; the first is the one to send. */
  readonly contentTypes: readonly string[]
  /** Lower case, with the dot; the first is the one to write. */
  readonly extensions: readonly string[]
  /** Whether one body holds many values, or one. */
  readonly values: "many" | "one"
}

/**
 * The names of the framings.
 *
 * @example Name one
 * ```ts
 * import assert from "node:assert/strict"
 * import { type FramingName, findFraming } from "@bellmouth/framing"
 *
 * const name: FramingName = "ndjson"
 * assert.equal(findFraming({ name })?.extensions[0], ".ndjson")
 * ```
 */
export type FramingName = "ndjson" | "sse" | "json" | "json-seq" | "lines" | "frames"

/**
 * The framings of this package, so that servers, commands and logs can pick one by name, by content
 * type or by file extension.
 *
 * @example List what a command can offer
 * ```ts
 * import assert from "node:assert/strict"
 * import { framings } from "@bellmouth/framing"
 *
 * const names = framings.map((framing) => framing.name)
 * assert.deepEqual(names, ["ndjson", "sse", "json", "json-seq", "lines", "frames"])
 * ```
 */
export const framings: readonly Framing[] = [
  {
    name: "ndjson",
    contentTypes: [
      "application/x-ndjson",
      "application/ndjson",
      "application/jsonl",
      "application/x-jsonlines",
      "application/jsonlines",
    ],
    extensions: [".ndjson", ".jsonl"],
    values: "many",
  },
  { name: "sse", contentTypes: ["text/event-stream"], extensions: [".sse"], values: "many" },
  { name: "json", contentTypes: ["application/json"], extensions: [".json"], values: "one" },
  {
    name: "json-seq",
    contentTypes: ["application/json-seq"],
    extensions: [".json-seq"],
    values: "many",
  },
  { name: "lines", contentTypes: ["text/plain"], extensions: [".txt", ".log"], values: "many" },
  {
    name: "frames",
    contentTypes: ["application/octet-stream"],
    extensions: [".bin"],
    values: "many",
  },
]

/**
 * What to find a framing by: exactly one of the three.
 *
 * @example Look up a header
 * ```ts
 * import assert from "node:assert/strict"
 * import { type FramingKey, findFraming } from "@bellmouth/framing"
 *
 * const key: FramingKey = { contentType: "application/jsonl" }
 * assert.equal(findFraming(key)?.name, "ndjson")
 * ```
 */
export type FramingKey =
  | { readonly name: string }
  | { readonly contentType: string }
  | { readonly extension: string }

/**
 * Finds a framing by its name, by a content type (parameters and letter case do not count) or by a
 * file extension (or the path that ends with it); `undefined` when none fits.
 *
 * @example Pick by content type and by file name
 * ```ts
 * import assert from "node:assert/strict"
 * import { findFraming } from "@bellmouth/framing"
 *
 * assert.equal(findFraming({ contentType: "Text/Event-Stream; charset=utf-8" })?.name, "sse")
 * assert.equal(findFraming({ extension: "logs/today.jsonl" })?.name, "ndjson")
 * assert.equal(findFraming({ name: "xml" }), undefined)
 * ```
 */
export function findFraming(key: FramingKey): Framing | undefined {
  if ("name" in key) return framings.find(({ name }) => name === key.name)
  if ("contentType" in key) {
    const [type = ""] = key.contentType.split(";")
    const wanted = type.trim().toLowerCase()
    return framings.find(({ contentTypes }) => contentTypes.includes(wanted))
  }
  const path = key.extension.toLowerCase()
  const extension = path.slice(path.lastIndexOf("."))
  return framings.find(({ extensions }) => extensions.includes(extension))
}

import { fromNodeReadable } from "./from-node-readable.ts"
import { fromNodeWritable } from "./from-node-writable.ts"

/**
 * Standard input as bytes. Take it once: a second call would share the first one's chunks.
 *
 * @example Standard input is a readable like any other
 * ```ts
 * import assert from "node:assert/strict"
 * import { stdin } from "@bellmouth/node"
 *
 * const input = stdin()
 * assert(input instanceof ReadableStream)
 * await input.cancel()
 * ```
 */
export function stdin(): ReadableStream<Uint8Array<ArrayBuffer>> {
  return fromNodeReadable(process.stdin)
}

/**
 * Standard output for bytes. It stays open after `close`; a reader that went away errors it with
 * Node's `EPIPE` (see `isBrokenPipe`).
 *
 * @example Pipe to standard output
 * ```ts
 * import assert from "node:assert/strict"
 * import { stdout } from "@bellmouth/node"
 *
 * await new Blob(["written\n"]).stream().pipeTo(stdout())
 * assert(process.stdout.writable)
 * ```
 */
export function stdout(): WritableStream<Uint8Array> {
  return fromNodeWritable(process.stdout, { keepOpen: true })
}

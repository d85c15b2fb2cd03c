import { fromNodeReadable } from "./from-node-readable.ts"
import { fromNodeWritable } from "./from-node-writable.ts"

/** Standard input as bytes. Take it once: a second call would share the first one's chunks. */
export function stdin(): ReadableStream<Uint8Array<ArrayBuffer>> {
  return fromNodeReadable(process.stdin)
}

/**
 * Standard output for bytes. It stays open after `close`; a reader that went away errors it with
 * Node's `EPIPE` (see `isBrokenPipe`).
 */
export function stdout(): WritableStream<Uint8Array> {
  return fromNodeWritable(process.stdout, { keepOpen: true })
}

import type { Writable } from "node:stream"

/**
 * Makes a Web writable of a Node.js writable of bytes.
 *
 * `write` settles when Node has handed the chunk on, so that the writer feels the pressure of what
 * reads at the far end; the caller keeps its hands off the chunk until then. `close` ends the Node
 * stream, or only waits for it when `keepOpen` is set (standard output can not be closed). `abort`
 * destroys it. An error of the Node stream, such as `EPIPE`, errors the writable with itself.
 *
 * @example Write to a Node.js stream
 * ```ts
 * import assert from "node:assert/strict"
 * import { Writable } from "node:stream"
 * import { fromNodeWritable } from "@bellmouth/node"
 *
 * const seen: string[] = []
 * const sink = new Writable({ write: (chunk, _encoding, done) => done(void seen.push(`${chunk}`)) })
 * const writer = fromNodeWritable(sink).getWriter()
 * await writer.write(new TextEncoder().encode("to node"))
 * await writer.close()
 * assert.deepEqual(seen, ["to node"])
 * ```
 */
export function fromNodeWritable(
  sink: Writable,
  options: FromNodeWritableOptions = {},
): WritableStream<Uint8Array> {
  let failed: ((error: unknown) => void) | undefined
  let controller: WritableStreamDefaultController | undefined
  const fail = (error: unknown): void => {
    controller?.error(error)
    failed?.(error)
  }
  const onClose = (): void => {
    if (!sink.writableFinished) fail(sink.errored ?? prematureClose())
  }
  // Others will write to a sink that is kept open, and adapt it anew.
  const letGo = (): void => {
    sink.off("error", fail)
    sink.off("close", onClose)
  }
  return new WritableStream({
    start(given) {
      controller = given
      sink.on("error", fail)
      sink.on("close", onClose)
      if (sink.destroyed) onClose()
    },
    write(chunk) {
      return new Promise((resolve, reject) => {
        failed = reject
        sink.write(chunk, (error) => (error ? reject(error) : resolve()))
      })
    },
    close() {
      if (options.keepOpen === true) return letGo()
      if (sink.writableFinished) return
      return new Promise((resolve, reject) => {
        failed = reject
        sink.end((error?: Error | null) => (error ? reject(error) : resolve()))
      })
    },
    abort(reason) {
      if (options.keepOpen === true) return letGo()
      sink.destroy(reason instanceof Error ? reason : undefined)
    },
  })
}

/** What `fromNodeWritable` takes. */
export interface FromNodeWritableOptions {
  /** Whether `close` and `abort` leave the Node stream open. Default `false`. */
  readonly keepOpen?: boolean
}

function prematureClose(): Error {
  const error = new Error("Cannot write on: the sink closed before its end")
  return Object.assign(error, { code: "ERR_STREAM_PREMATURE_CLOSE" })
}

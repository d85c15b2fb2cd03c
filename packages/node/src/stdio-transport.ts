import type { ChildProcess } from "node:child_process"
import type { Transport } from "@bellmouth/mux"
import { createTransport, TransportError, type TransportOptions } from "@bellmouth/mux/transports"
import { UnderlyingNodeStreams } from "./underlying-node-streams.ts"

/**
 * Makes a transport of a child process's standard input and output, which it owns from now on; the
 * child has the other end by {@link stdioTransport}, or is a program in any language. What the child
 * prints to standard error is left alone.
 *
 * Each direction ends alone: `writable.close()` ends the child's input. A child that dies without
 * more is seen as one that has ended its output; `abort()` closes both pipes and does not kill it.
 *
 * @throws {TypeError} when the child was not started with pipes.
 * @throws {TransportError} into the streams: `CONNECT_FAILED` when the program could not be started, with
 *   Node's error as `cause`; `CONNECTION_LOST`; into the writable alone when the child has closed its input.
 *
 * @example A program that answers on its standard output
 * ```ts
 * import assert from "node:assert/strict"
 * import { spawn } from "node:child_process"
 * import { childTransport } from "@bellmouth/node"
 *
 * const { readable, writable } = childTransport(spawn("cat"))
 * const writer = writable.getWriter()
 * void writer.write(new TextEncoder().encode("echo")).then(() => writer.close())
 * assert.equal(await new Response(readable as ReadableStream<Uint8Array<ArrayBuffer>>).text(), "echo")
 * ```
 */
export function childTransport(child: ChildProcess, options: TransportOptions = {}): Transport {
  const { stdin, stdout } = child
  if (stdin === null || stdout === null) {
    const state = 'its standard input or output is no pipe; spawn it with stdio: "pipe"'
    throw new TypeError(`Cannot use the child process: ${state}`)
  }
  const destroy = (): void => {
    stdin.destroy()
    stdout.destroy()
  }
  const underlying = new UnderlyingNodeStreams(stdout, stdin, {
    open: child.pid === undefined ? (_, refused) => neverStarted(child, refused) : undefined,
    abort: destroy,
    release: destroy,
  })
  return { ...createTransport(underlying, options), isByteStream: true }
}

/** Waits for the reason, which nobody else may listen to: it would end this process. */
function neverStarted(child: ChildProcess, refused: (reason: TransportError) => void): void {
  const refuse = (details: ErrorOptions): void => {
    const message = "Cannot connect: the program could not be started; look at its path"
    refused(new TransportError("CONNECT_FAILED", message, details))
  }
  if (child.exitCode === null) child.once("error", (cause) => refuse({ cause }))
  else refuse({})
}

/**
 * Makes a transport of this process's own standard input and output: the child's end of
 * {@link childTransport}. Nothing else may print to standard output. The peer sees the end of
 * `writable` when the process exits, as Node does not close standard output before.
 *
 * @throws {TransportError} into the streams: `CONNECTION_LOST`.
 *
 * @example A child that echoes
 * ```ts
 * import assert from "node:assert/strict"
 * import { stdioTransport } from "@bellmouth/node"
 *
 * const { readable, writable } = stdioTransport()
 * await Promise.all([readable.cancel(), writable.close()])
 * assert(process.stdout.writable)
 * ```
 */
export function stdioTransport(options: TransportOptions = {}): Transport {
  const { stdin, stdout } = process
  const underlying = new UnderlyingNodeStreams(stdin, stdout, {
    // Node keeps standard output open: all that can be done is to wait until everything has left.
    end: (ended) => void stdout.write("", () => ended()),
    abort: () => void stdin.destroy(),
    release: () => void stdin.destroy(),
  })
  return { ...createTransport(underlying, options), isByteStream: true }
}

import type { Worker } from "node:worker_threads"
import type { Transport } from "@bellmouth/mux"
import {
  type MessagePortLike,
  type MessagePortTransportOptions,
  messagePortTransport,
} from "@bellmouth/mux/transports"

type Listener = Parameters<MessagePortLike["addEventListener"]>[1]

/**
 * Makes a transport of a `node:worker_threads` worker; the worker has the other end by
 * `messagePortTransport(parentPort)`. A worker that ends is a lost connection; so is one that fails,
 * with its error as the `cause`. It is left running when both directions are over.
 *
 * @throws {TransportError} into both streams: `CONNECTION_LOST`, `BAD_MESSAGE`.
 *
 * @example A worker that echoes
 * ```ts
 * import assert from "node:assert/strict"
 * import { Worker } from "node:worker_threads"
 * import { workerTransport } from "@bellmouth/node"
 *
 * const code = `
 *   import { parentPort } from "node:worker_threads"
 *   import { messagePortTransport } from ${JSON.stringify(import.meta.resolve("@bellmouth/mux/transports"))}
 *   const { readable, writable } = messagePortTransport(parentPort)
 *   await readable.pipeTo(writable)
 * `
 * const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`))
 * const { readable, writable } = workerTransport(worker)
 * const writer = writable.getWriter()
 * void writer.write(new TextEncoder().encode("echo")).then(() => writer.close())
 * assert.equal(await new Response(readable as ReadableStream<Uint8Array<ArrayBuffer>>).text(), "echo")
 * await worker.terminate()
 * ```
 */
export function workerTransport(
  worker: Worker,
  options: MessagePortTransportOptions = {},
): Transport {
  return messagePortTransport(new WorkerPort(worker), options)
}

/** A worker's emitter as the events of a port. */
class WorkerPort implements MessagePortLike {
  readonly #worker: Worker
  readonly #listeners = new Map<Listener, Map<string, (data: unknown) => void>>()

  constructor(worker: Worker) {
    this.#worker = worker
  }

  postMessage(message: unknown, transfer?: ArrayBuffer[]): void {
    this.#worker.postMessage(message, transfer)
  }

  terminate(): unknown {
    return this.#worker.terminate()
  }

  addEventListener(type: string, listener: Listener): void {
    const onEvent = (data: unknown): void =>
      listener(type === "error" ? { type, error: data } : { type, data })
    const byType = this.#listeners.get(listener) ?? new Map<string, typeof onEvent>()
    this.#listeners.set(listener, byType.set(type, onEvent))
    this.#worker.on(eventOf(type), onEvent)
  }

  removeEventListener(type: string, listener: Listener): void {
    const onEvent = this.#listeners.get(listener)?.get(type)
    if (onEvent !== undefined) this.#worker.off(eventOf(type), onEvent)
  }
}

/** A worker of Node exits where a port closes. */
function eventOf(type: string): string {
  return type === "close" ? "exit" : type
}

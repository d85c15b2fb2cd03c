import type { IncomingMessage } from "node:http"
import { AdapterError } from "./adapter-error.ts"
import { NodeReadableSource } from "./node-readable-source.ts"

/**
 * The body of what `node:http` received: pulled, never buffered.
 *
 * What nobody reads of it is read over and dropped, so that a response still reaches a client that
 * goes on sending, and the connection's next request is found behind it. To destroy it, as any other
 * Node.js stream, would cut the connection with the response on it.
 */
export class RequestBody {
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>
  readonly #incoming: IncomingMessage
  readonly #source: NodeReadableSource

  constructor(incoming: IncomingMessage) {
    this.#incoming = incoming
    this.#source = new NodeReadableSource(incoming, () => void incoming.resume())
    // Heard before the source hears it: a client that left is no fault of the server's.
    incoming.once("error", (cause) => {
      const message = "Cannot read the request's body: the client broke it off"
      this.#source.fail(new AdapterError("CONNECTION_CLOSED", message, { cause }))
    })
    this.readable = new ReadableStream(this.#source, { highWaterMark: 0 })
  }

  /** Drops the rest: the response has ended. */
  discard(): void {
    if (this.#incoming.readableEnded) return
    const message = "Cannot read the request's body on: the response has ended"
    this.#source.fail(new AdapterError("RESPONSE_ENDED", message))
    this.#incoming.resume()
  }
}

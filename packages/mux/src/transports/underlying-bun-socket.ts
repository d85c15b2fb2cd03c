import { toBytes } from "./to-bytes.ts"
import { badMessage, connectionLost } from "./transport-error.ts"
import type { TransportController, UnderlyingTransport } from "./underlying-transport.ts"
import { closeFault, isEnd, NORMAL, NOT_BYTES } from "./web-socket-codes.ts"

/** What is used of a server's WebSocket in Bun. */
export interface BunServerSocketLike {
  /** How many bytes it took; 0 when it dropped them; -1 when it keeps them until it has drained. */
  send(data: Uint8Array<ArrayBuffer>): number
  close(code?: number): void
  terminate(): void
}

/** What a server's WebSocket in Bun can, as a transport sees it. */
export class UnderlyingBunSocket implements UnderlyingTransport {
  readonly halfClose = false
  readonly maxMessageBytes: number = 256 * 1024
  readonly #socket: BunServerSocketLike
  readonly #closed: PromiseWithResolvers<void> = Promise.withResolvers()
  #controller: TransportController | undefined
  #isClosed = false

  constructor(socket: BunServerSocketLike) {
    this.#socket = socket
  }

  start(controller: TransportController): void {
    this.#controller = controller
  }

  write(bytes: Uint8Array<ArrayBuffer>): boolean {
    const taken = this.#socket.send(bytes)
    if (taken === 0) throw connectionLost("the socket has dropped what was sent")
    return taken > 0
  }

  close(): Promise<void> {
    this.#socket.close(NORMAL)
    return this.#closed.promise
  }

  abort(): void {
    if (!this.#isClosed) this.#socket.terminate()
  }

  release(): void {
    this.#controller = undefined
  }

  /** A message has come. */
  receive(message: string | Uint8Array): void {
    const bytes = toBytes(message)
    if (bytes !== undefined) return this.#controller?.enqueue(bytes)
    this.#controller?.error(badMessage("a text message"))
    this.#socket.close(NOT_BYTES)
  }

  /** What the socket had kept has left. */
  drain(): void {
    this.#controller?.drain()
  }

  /** The socket has closed. */
  end(code: number, reason: string): void {
    this.#isClosed = true
    if (isEnd(code)) {
      this.#controller?.close()
      this.#closed.resolve()
    } else {
      this.#controller?.error(closeFault(true, code, reason, undefined))
    }
  }
}

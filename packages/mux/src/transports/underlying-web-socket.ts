import type { Clock } from "@bellmouth/core"
import { toBytes } from "./to-bytes.ts"
import { badMessage, connectionLost } from "./transport-error.ts"
import type { TransportController, UnderlyingTransport } from "./underlying-transport.ts"
import { ABORTED, closeFault, isEnd, NORMAL, NOT_BYTES } from "./web-socket-codes.ts"
import type { WebSocketEventLike, WebSocketLike } from "./web-socket-like.ts"

const CONNECTING = 0
const OPEN = 1
const LONGEST_POLL_MS = 16

/** The limits of an {@link UnderlyingWebSocket}, all given. */
export interface WebSocketLimits {
  readonly maxBufferedBytes: number
  readonly maxMessageBytes: number
  readonly clock: Clock
}

/** What any WebSocket can, as a transport sees it. */
export class UnderlyingWebSocket implements UnderlyingTransport {
  readonly halfClose = false
  readonly maxMessageBytes: number
  readonly #socket: WebSocketLike
  readonly #limits: WebSocketLimits
  readonly #opened: PromiseWithResolvers<void> = Promise.withResolvers()
  readonly #closed: PromiseWithResolvers<void> = Promise.withResolvers()
  #controller: TransportController | undefined
  #isOpen = false
  #cause: unknown
  #stopPolling: (() => void) | undefined

  constructor(socket: WebSocketLike, limits: WebSocketLimits) {
    this.#socket = socket
    this.#limits = limits
    this.maxMessageBytes = limits.maxMessageBytes
  }

  start(controller: TransportController): void | Promise<void> {
    const socket = this.#socket
    this.#controller = controller
    // `ws` would copy into an ArrayBuffer; its own kind of message is bytes already.
    socket.binaryType = socket.pause ? "nodebuffer" : "arraybuffer"
    socket.addEventListener("open", this.#onOpen)
    socket.addEventListener("message", this.#onMessage)
    socket.addEventListener("error", this.#onError)
    socket.addEventListener("close", this.#onClose)
    this.#isOpen = socket.readyState === OPEN
    if (this.#isOpen) return
    if (socket.readyState === CONNECTING) return this.#opened.promise
    return Promise.reject(connectionLost("the socket was closed before it was used"))
  }

  write(bytes: Uint8Array<ArrayBuffer>): boolean {
    const socket = this.#socket
    // It is closing: how it has closed is what becomes of this.
    if (socket.readyState !== OPEN) return false
    if (socket.pause) socket.send(bytes, this.#look)
    else socket.send(bytes)
    const hasRoom = this.#hasRoom()
    if (!hasRoom && !socket.pause) this.#poll(1)
    return hasRoom
  }

  close(): Promise<void> {
    this.#socket.close(NORMAL)
    return this.#closed.promise
  }

  abort(): void {
    if (this.#socket.terminate) this.#socket.terminate()
    else this.#socket.close(ABORTED)
  }

  pause(): void {
    this.#socket.pause?.()
  }

  resume(): void {
    this.#socket.resume?.()
  }

  release(): void {
    this.#stopPolling?.()
    this.#socket.removeEventListener("open", this.#onOpen)
    this.#socket.removeEventListener("message", this.#onMessage)
    // The other two wait for the end: `ws` throws an error that nobody listens for.
  }

  #hasRoom(): boolean {
    return (this.#socket.bufferedAmount ?? 0) < this.#limits.maxBufferedBytes
  }

  readonly #look = (): boolean => {
    const hasRoom = this.#hasRoom()
    if (hasRoom) {
      this.#stopPolling?.()
      this.#controller?.drain()
    }
    return hasRoom
  }

  #poll(delayMs: number): void {
    this.#stopPolling = this.#limits.clock.schedule(
      () => this.#look() || this.#poll(Math.min(2 * delayMs, LONGEST_POLL_MS)),
      delayMs,
    )
  }

  readonly #onOpen = (): void => {
    this.#isOpen = true
    this.#opened.resolve()
  }

  readonly #onMessage = ({ data }: WebSocketEventLike): void => {
    this.#look()
    const bytes = toBytes(data)
    if (bytes !== undefined) return this.#controller?.enqueue(bytes)
    this.#controller?.error(badMessage(`a message of type ${typeof data}`))
    this.#socket.close(NOT_BYTES)
  }

  readonly #onError = ({ error }: WebSocketEventLike): void => {
    this.#cause = error
  }

  readonly #onClose = ({ code, reason }: WebSocketEventLike): void => {
    this.#socket.removeEventListener("error", this.#onError)
    this.#socket.removeEventListener("close", this.#onClose)
    if (this.#isOpen && isEnd(code)) {
      this.#controller?.close()
      this.#closed.resolve()
    } else {
      this.#controller?.error(closeFault(this.#isOpen, code, reason, this.#cause))
    }
  }
}

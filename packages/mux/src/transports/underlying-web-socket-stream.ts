import { toBytes } from "./to-bytes.ts"
import { badMessage } from "./transport-error.ts"
import type { TransportController, UnderlyingTransport } from "./underlying-transport.ts"
import { ABORTED, closeFault, isEnd, NOT_BYTES } from "./web-socket-codes.ts"

/** What is used of Chromium's `WebSocketStream`. */
export interface WebSocketStreamLike {
  readonly opened: Promise<{
    readonly readable: ReadableStream<unknown>
    readonly writable: WritableStream<Uint8Array>
  }>
  readonly closed: Promise<{ readonly closeCode?: number; readonly reason?: string }>
  close(info?: { closeCode?: number }): void
}

/** What a `WebSocketStream` can, as a transport sees it. */
export class UnderlyingWebSocketStream implements UnderlyingTransport {
  readonly halfClose = false
  readonly maxMessageBytes: number = 256 * 1024
  readonly #socket: WebSocketStreamLike
  #controller: TransportController | undefined
  #writer: WritableStreamDefaultWriter<Uint8Array> | undefined
  /** Settled while the reading goes on; replaced by `pause`. */
  #reading: PromiseWithResolvers<void> | undefined

  constructor(socket: WebSocketStreamLike) {
    this.#socket = socket
  }

  async start(controller: TransportController): Promise<void> {
    this.#controller = controller
    this.#socket.closed.catch(() => {}) // `opened` and the reading tell
    try {
      const { readable, writable } = await this.#socket.opened
      this.#writer = writable.getWriter()
      // The loop below and `closed` tell what became of it.
      this.#writer.closed.catch(() => {})
      void this.#readAll(readable.getReader())
    } catch (cause) {
      throw closeFault(false, undefined, undefined, cause)
    }
  }

  write(bytes: Uint8Array): boolean {
    const writer = this.#writer
    if (writer === undefined) throw new TypeError("Cannot write: the socket has not opened")
    writer.write(bytes).catch(() => {}) // told by the end of the reading
    if ((writer.desiredSize ?? 0) > 0) return true
    writer.ready.then(
      () => this.#controller?.drain(),
      () => {}, // likewise
    )
    return false
  }

  async close(): Promise<void> {
    // Closing the writer, not the socket: what was written goes first.
    await this.#writer?.close()
    await this.#socket.closed
  }

  abort(): void {
    this.#socket.close({ closeCode: ABORTED })
  }

  pause(): void {
    this.#reading ??= Promise.withResolvers()
  }

  resume(): void {
    this.#reading?.resolve()
    this.#reading = undefined
  }

  release(): void {
    this.resume()
  }

  async #readAll(reader: ReadableStreamDefaultReader<unknown>): Promise<void> {
    let cause: unknown
    try {
      for (;;) {
        await this.#reading?.promise
        const { done, value } = await reader.read()
        if (done) break
        const bytes = toBytes(value)
        if (bytes === undefined) return this.#refuse(typeof value)
        this.#controller?.enqueue(bytes)
      }
    } catch (reason) {
      cause = reason
    }
    const { closeCode, reason } = await this.#ended()
    if (cause === undefined && isEnd(closeCode)) this.#controller?.close()
    else this.#controller?.error(closeFault(true, closeCode, reason, cause))
  }

  async #ended(): Promise<{ readonly closeCode?: number; readonly reason?: string }> {
    try {
      return await this.#socket.closed
    } catch {
      return {} // the reading has failed too, and says why
    }
  }

  #refuse(type: string): void {
    this.#socket.close({ closeCode: NOT_BYTES })
    this.#controller?.error(badMessage(`a message of type ${type}`))
  }
}

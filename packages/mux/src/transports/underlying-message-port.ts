import type { MessageEventLike, MessagePortLike } from "./message-port-like.ts"
import { portFailure } from "./port-failure.ts"
import { badMessage, connectionLost } from "./transport-error.ts"
import type { TransportController, UnderlyingTransport } from "./underlying-transport.ts"

/** A writer waits while so many bytes have not been taken. */
const WINDOW_BYTES = 512 * 1024
/** The same beside small messages, which have to wait behind them. */
const SHARED_WINDOW_BYTES = 256 * 1024
/** A message of fewer is small, and where so much went without one, large ones are alone. */
const LARGE_BYTES = 4096
const ALONE_BYTES = 1024 * 1024
/** The receiver speaks up when it has taken so many. Any sender's window has to be above it. */
const REPORT_BYTES = 128 * 1024
/** Of fewer bytes a clone takes less time than to hand them over. */
const LEAST_TRANSFER_BYTES = 512

/** What a port can: bytes, how many were taken, `"end"` and `"abort"`, each a message. */
export class UnderlyingMessagePort implements UnderlyingTransport {
  readonly halfClose = true
  readonly maxMessageBytes: number = 1024 * 1024
  readonly #port: MessagePortLike
  #transfers: boolean
  #controller: TransportController | undefined
  /** Bytes that we sent and the peer has not taken. */
  #underWay = 0
  /** Sent since the last small message. */
  #alone = Infinity
  /** Bytes that came and that we have not reported. */
  #unreported = 0
  #canTransfer = true
  /** Small chunks are cloned from here: one that is no more than a view would be cloned buffer and all. */
  readonly #scratch = new Uint8Array(LEAST_TRANSFER_BYTES)
  #isPaused = false
  #hasPeerEnded = false
  #isLastToEnd = false

  constructor(port: MessagePortLike, transfers: boolean) {
    this.#port = port
    this.#transfers = transfers
  }

  /** From now on nobody else has a view of what is written. */
  allowTransfer(): void {
    this.#transfers = true
  }

  start(controller: TransportController): void {
    this.#controller = controller
    this.#port.addEventListener("message", this.#onMessage)
    this.#port.addEventListener("messageerror", this.#onUnreadable)
    // In a worker's own scope it would be any error of the program.
    if (this.#port.terminate) this.#port.addEventListener("error", this.#onLost)
    this.#port.addEventListener("close", this.#onLost)
    this.#port.start?.()
  }

  write(chunk: Uint8Array): boolean {
    this.#underWay += chunk.length
    this.#alone = chunk.length < LARGE_BYTES ? 0 : this.#alone + chunk.length
    this.#send(chunk)
    return this.#hasRoom
  }

  #send(chunk: Uint8Array): void {
    if (fills(chunk)) {
      if (this.#transfers) this.#give(chunk)
      else this.#port.postMessage(chunk)
    } else if (chunk.length < LEAST_TRANSFER_BYTES) {
      this.#scratch.set(chunk)
      this.#port.postMessage(this.#scratch.subarray(0, chunk.length))
    } else {
      this.#give(new Uint8Array(chunk))
    }
  }

  get #hasRoom(): boolean {
    return this.#underWay < (this.#alone < ALONE_BYTES ? SHARED_WINDOW_BYTES : WINDOW_BYTES)
  }

  close(): void {
    this.#isLastToEnd = this.#hasPeerEnded
    this.#port.postMessage("end")
  }

  abort(): void {
    this.#hasPeerEnded = true
    this.#port.postMessage("abort")
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
    this.#report()
  }

  release(): void {
    // A peer that still writes would wait for ever.
    if (!this.#hasPeerEnded) this.abort()
    this.#port.removeEventListener("message", this.#onMessage)
    this.#port.removeEventListener("messageerror", this.#onUnreadable)
    this.#port.removeEventListener("error", this.#onLost)
    this.#port.removeEventListener("close", this.#onLost)
    // Whoever gets the last end closes the port: elsewhere than in browsers and Node that drops what
    // is under way. Of a worker's scope `close` would end the worker.
    if (this.#port.start && !this.#isLastToEnd) this.#port.close?.()
  }

  /** Sends bytes of ours, without one more copy where the platform can. */
  #give(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#canTransfer) {
      try {
        return this.#port.postMessage(bytes, [bytes.buffer])
      } catch {
        // workerd has no transfer; if it is the bytes that can not go, they will not below.
        this.#canTransfer = false
      }
    }
    this.#port.postMessage(bytes)
  }

  #report(): void {
    if (this.#isPaused || this.#unreported < REPORT_BYTES) return
    const bytes = this.#unreported
    this.#unreported = 0
    this.#port.postMessage(bytes)
  }

  readonly #onMessage = ({ data }: MessageEventLike): void => {
    if (data instanceof Uint8Array) {
      this.#unreported += data.length
      this.#controller?.enqueue(data)
      this.#report()
    } else if (data === "end") {
      this.#hasPeerEnded = true
      this.#controller?.close()
    } else if (data === "abort") {
      this.#lose("the peer broke it off")
    } else if (typeof data === "number" && data > 0 && data <= this.#underWay) {
      const hadRoom = this.#hasRoom
      this.#underWay -= data
      if (!hadRoom && this.#hasRoom) this.#controller?.drain()
    } else {
      this.#refuse(`a message of type ${typeof data}`)
    }
  }

  readonly #onUnreadable = (): void => this.#refuse("a message that can not be decoded")

  readonly #onLost = (event: MessageEventLike): void => {
    // Both have ended: the peer closes the port, perhaps before we have noticed it ourselves.
    if (!this.#isLastToEnd) this.#lose(`the port says "${event.type}"`, portFailure(event))
  }

  #lose(how: string, options?: ErrorOptions): void {
    this.#hasPeerEnded = true
    this.#controller?.error(connectionLost(how, options))
  }

  #refuse(what: string): void {
    this.abort()
    this.#controller?.error(badMessage(what))
  }
}

/** Whether a chunk is all of its buffer: a clone or a transfer takes the buffer, not the view. */
function fills(chunk: Uint8Array): chunk is Uint8Array<ArrayBuffer> {
  return chunk.buffer instanceof ArrayBuffer && chunk.length === chunk.buffer.byteLength
}

import type { DataChannelLike } from "./data-channel-like.ts"
import type { MessageEventLike } from "./message-port-like.ts"
import { toBytes } from "./to-bytes.ts"
import { badMessage, connectionLost, TransportError } from "./transport-error.ts"
import type { TransportController, UnderlyingTransport } from "./underlying-transport.ts"

/**
 * What a data channel can: bytes, `"ready"`, `"end"` and `"abort"`, each a message.
 *
 * Before the listeners of one that comes by an event stand, what is sent to it may be lost. So an end
 * says that it is ready when it is, and again when it first hears that of the other, which may not have
 * heard it before; and it writes nothing until then.
 */
export class UnderlyingDataChannel implements UnderlyingTransport {
  readonly halfClose = true
  readonly maxMessageBytes: number
  readonly #channel: DataChannelLike
  readonly #maxBufferedBytes: number
  readonly #opened: PromiseWithResolvers<void> = Promise.withResolvers()
  #controller: TransportController | undefined
  #isOpen = false
  #isHeard = false
  #hasPeerEnded = false
  #hadLastWord = false
  /** It was broken off: what the peer says last may have crossed that. */
  #isBrokenOff = false

  constructor(
    channel: DataChannelLike,
    limits: { readonly maxBufferedBytes: number; readonly maxMessageBytes: number },
  ) {
    this.#channel = channel
    this.#maxBufferedBytes = limits.maxBufferedBytes
    this.maxMessageBytes = limits.maxMessageBytes
  }

  start(controller: TransportController): Promise<void> {
    const channel = this.#channel
    this.#controller = controller
    channel.binaryType = "arraybuffer"
    channel.bufferedAmountLowThreshold = this.#maxBufferedBytes / 2
    channel.addEventListener("open", this.#onOpen)
    channel.addEventListener("message", this.#onMessage)
    channel.addEventListener("bufferedamountlow", this.#onLow)
    channel.addEventListener("close", this.#onClose)
    if (channel.readyState === "open") this.#onOpen()
    if (this.#isOpen || channel.readyState === "connecting") return this.#opened.promise
    return Promise.reject(connectionLost("the data channel was closed before it was used"))
  }

  write(bytes: Uint8Array<ArrayBuffer>): boolean {
    this.#channel.send(bytes)
    return this.#channel.bufferedAmount < this.#maxBufferedBytes
  }

  close(): void {
    this.#hadLastWord = this.#hasPeerEnded
    this.#channel.send("end")
  }

  abort(): void {
    this.#hasPeerEnded = true
    if (this.#channel.readyState !== "open") return
    // Whoever does not listen yet will see that the channel closes.
    this.#hadLastWord = this.#isHeard
    this.#isBrokenOff = this.#isHeard
    this.#channel.send("abort")
  }

  release(): void {
    const channel = this.#channel
    // A peer that still writes is to know.
    if (!this.#hasPeerEnded) this.abort()
    channel.removeEventListener("open", this.#onOpen)
    channel.removeEventListener("message", this.#onMessage)
    channel.removeEventListener("bufferedamountlow", this.#onLow)
    channel.removeEventListener("close", this.#onClose)
    // Whoever hears the last word closes: closing at once may drop what is under way.
    if (!this.#hadLastWord) return channel.close()
    if (!this.#isBrokenOff) return
    channel.addEventListener("message", this.#onLastWord)
    channel.addEventListener("close", this.#onLastWord)
  }

  readonly #onLastWord = ({ type, data }: MessageEventLike): void => {
    if (type === "message" && data !== "end" && data !== "abort") return
    this.#channel.removeEventListener("message", this.#onLastWord)
    this.#channel.removeEventListener("close", this.#onLastWord)
    if (type === "message") this.#channel.close()
  }

  readonly #onOpen = (): void => {
    this.#isOpen = true
    this.#sayReady()
  }

  #hear(): void {
    if (this.#isHeard) return
    this.#isHeard = true
    this.#sayReady()
    this.#opened.resolve()
  }

  /** Chromium may take a channel for "connecting" again, and then refuses all that is sent. */
  #sayReady(): void {
    if (this.#channel.readyState === "open") this.#channel.send("ready")
  }

  readonly #onLow = (): void => this.#controller?.drain()

  readonly #onMessage = ({ data }: MessageEventLike): void => {
    const bytes = toBytes(data)
    if (bytes !== undefined) {
      this.#controller?.enqueue(bytes)
    } else if (data === "ready") {
      this.#hear()
    } else if (data === "end") {
      this.#hasPeerEnded = true
      this.#controller?.close()
    } else if (data === "abort") {
      this.#hasPeerEnded = true
      this.#controller?.error(connectionLost("the peer broke it off"))
    } else {
      this.abort()
      this.#controller?.error(badMessage(`a message of type ${typeof data}`))
    }
  }

  readonly #onClose = (): void => {
    if (this.#hadLastWord) return
    this.#hasPeerEnded = true
    const message = "Cannot connect: the data channel did not open; look at the peer connection"
    this.#controller?.error(
      this.#isOpen
        ? connectionLost("the data channel closed without an end")
        : new TransportError("CONNECT_FAILED", message),
    )
  }
}

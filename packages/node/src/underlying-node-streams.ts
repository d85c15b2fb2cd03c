import type { Readable, Writable } from "node:stream"
import { setImmediate } from "node:timers"
import {
  type TransportController,
  TransportError,
  type UnderlyingTransport,
} from "@bellmouth/mux/transports"

/** Given to the system in one call, while it takes it. */
const MOST_BYTES = 256 * 1024
/** More is likely to lie behind a chunk of so many. */
const BULK_BYTES = 16 * 1024

/** How a kind of connection differs from two streams. */
export interface NodeStreamsKind {
  /** Calls `opened` when bytes can be sent; rejects when they never can. Not given: they can now. */
  readonly open?:
    | ((opened: () => void, refused: (reason: TransportError) => void) => void)
    | undefined
  /** Whether an end of the readable is no end of the peer's bytes. */
  readonly isBroken?: () => boolean
  /** Calls `stopped` when the peer takes no more, where the writable does not say so. */
  readonly watch?: (stopped: () => void) => void
  /** Ends our direction, where `end` of the writable does not. */
  readonly end?: (ended: () => void) => void
  /** Breaks both directions off. */
  readonly abort: () => void
  /** Both are over: lets go of what is left. */
  readonly release: () => void
}

/** What a readable and a writable of Node.js can, which may be one duplex. */
export class UnderlyingNodeStreams implements UnderlyingTransport {
  readonly halfClose = true
  readonly #readable: Readable
  readonly #writable: Writable
  readonly #kind: NodeStreamsKind
  #controller: TransportController | undefined
  #isCorked = false
  /** In one turn of the loop, if that is more than the writable's own limit. */
  #mostBytes = 0
  #readsBulk = false
  #isOpen = true
  /** Why there will be no connection, where more is known than that. */
  #refusal: TransportError | undefined

  constructor(readable: Readable, writable: Writable, kind: NodeStreamsKind) {
    this.#readable = readable
    this.#writable = writable
    this.#kind = kind
  }

  start(controller: TransportController): void | Promise<void> {
    this.#controller = controller
    const [readable, writable] = [this.#readable, this.#writable]
    readable.on("data", this.#onData)
    readable.on("end", this.#onEnd)
    readable.on("error", this.#onReadError)
    readable.on("close", this.#onReadClose)
    writable.on("drain", this.#onDrain)
    writable.on("error", this.#onWriteError)
    writable.on("close", this.#onWriteClose)
    const { open } = this.#kind
    const opening = open === undefined ? undefined : this.#waitFor(open)
    if (readable.readableEnded) controller.close()
    if (readable.destroyed && !readable.readableEnded) this.#onReadClose()
    if (writable.destroyed) this.#stop()
    this.#kind.watch?.(() => this.#stop())
    return opening
  }

  #waitFor(open: NonNullable<NodeStreamsKind["open"]>): Promise<void> {
    this.#isOpen = false
    return new Promise((resolve, reject) => {
      const opened = (): void => {
        this.#isOpen = true
        resolve()
      }
      const refused = (reason: TransportError): void => {
        this.#refusal = reason
        reject(reason)
      }
      open(opened, refused)
    })
  }

  write(bytes: Uint8Array): boolean {
    const writable = this.#writable
    // What is written before the loop goes on leaves in one system call.
    if (!this.#isCorked) {
      this.#isCorked = true
      writable.cork()
      // What answers bulk, credit above all, waits until what has come of that was read.
      if (this.#readsBulk) setImmediate(this.#uncork)
      else process.nextTick(this.#uncork)
    }
    return writable.write(bytes) || writable.writableLength < this.#mostBytes
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      // A failure comes as an event, too: also of one that somebody destroys without a reason.
      if (this.#kind.end) this.#kind.end(resolve)
      else this.#writable.end(() => this.#writable.writableFinished && resolve())
    })
  }

  abort(): void {
    this.#kind.abort()
  }

  pause(): void {
    this.#readable.pause()
  }

  resume(): void {
    this.#readable.resume()
  }

  release(): void {
    const [readable, writable] = [this.#readable, this.#writable]
    readable.off("data", this.#onData)
    readable.off("end", this.#onEnd)
    writable.off("drain", this.#onDrain)
    // The others wait for the close: an error without a listener would end the process.
    this.#kind.release()
  }

  // A Buffer's slice() is a view, where that of a Uint8Array is a copy.
  readonly #onData = ({ buffer, byteOffset, byteLength }: Buffer): void => {
    this.#readsBulk = byteLength >= BULK_BYTES
    this.#controller?.enqueue(new Uint8Array(buffer, byteOffset, byteLength))
  }

  readonly #uncork = (): void => {
    this.#isCorked = false
    this.#writable.uncork()
    // More at once is quicker where the system takes it at once; elsewhere it would only wait.
    this.#mostBytes = this.#writable.writableLength === 0 ? MOST_BYTES : 0
  }

  // Written on at once, a system that takes all would come to hold what every channel has credit for,
  // megabytes that nobody has read while the loop stands still.
  readonly #onDrain = (): void => {
    setImmediate(() => this.#controller?.drain())
  }

  readonly #onEnd = (): void => {
    if (this.#kind.isBroken?.()) this.#lose("the peer broke it off")
    else this.#controller?.close()
  }

  readonly #onReadError = (cause: unknown): void => this.#lose("reading failed", cause)

  readonly #onReadClose = (): void => {
    this.#readable.off("error", this.#onReadError)
    this.#readable.off("close", this.#onReadClose)
    if (!this.#readable.readableEnded) this.#lose("it closed before its end")
    else if (this.#kind.isBroken?.()) this.#lose("the peer broke it off")
  }

  readonly #onWriteError = (cause: unknown): void => {
    if (this.#isDuplex()) this.#lose("writing failed", cause)
    else this.#controller?.errorWritable(this.#fault("writing failed", cause))
  }

  readonly #onWriteClose = (): void => {
    this.#writable.off("error", this.#onWriteError)
    this.#writable.off("close", this.#onWriteClose)
    if (this.#writable.writableFinished) return
    if (this.#isDuplex()) this.#lose("it closed before its end")
    else this.#stop()
  }

  #stop(): void {
    this.#controller?.errorWritable(this.#fault("the peer takes no more"))
  }

  /** Else, a program may close its input and go on with its output. */
  #isDuplex(): boolean {
    return Object.is(this.#readable, this.#writable)
  }

  #lose(how: string, cause?: unknown): void {
    this.#controller?.error(this.#fault(how, cause))
  }

  #fault(how: string, cause?: unknown): TransportError {
    if (this.#refusal !== undefined) return this.#refusal
    const details = cause === undefined ? {} : { cause }
    if (this.#isOpen) {
      const message = `Cannot go on: the connection is lost, ${how}; connect again`
      return new TransportError("CONNECTION_LOST", message, details)
    }
    const message = "Cannot connect: the peer can not be reached; look at the address"
    return new TransportError("CONNECT_FAILED", message, details)
  }
}

import type { MessageEventLike, MessagePortLike } from "../transports/message-port-like.ts"
import { portFailure } from "../transports/port-failure.ts"
import { encodeObjectFrame, type ObjectFrame } from "./object-frame.ts"

/** Told what a port says. */
export interface ObjectPortEvents {
  message(data: unknown): void
  /** A message has come that can not be decoded here. */
  unreadable(): void
  lost(how: string, options: ErrorOptions): void
}

/** A port that frames are posted to. */
export class ObjectPort {
  readonly #port: MessagePortLike
  readonly #events: ObjectPortEvents

  constructor(port: MessagePortLike, events: ObjectPortEvents) {
    this.#port = port
    this.#events = events
  }

  start(): void {
    const port = this.#port
    port.addEventListener("message", this.#onMessage)
    port.addEventListener("messageerror", this.#onUnreadable)
    // In a worker's own scope it would be any error of the program.
    if (port.terminate) port.addEventListener("error", this.#onLost)
    port.addEventListener("close", this.#onLost)
    port.start?.()
  }

  /** Throws what the platform does for what it can not clone; nothing was sent then. */
  post(frame: ObjectFrame, list: readonly object[] = []): void {
    const message = encodeObjectFrame(frame)
    // The port takes more than buffers: its type names what those of all runtimes have in common.
    if (list.length > 0) this.#port.postMessage(message, [...list] as ArrayBuffer[])
    else this.#port.postMessage(message)
  }

  /** Hears nothing more. Whoever ended first closes the port: that could drop what is under way. */
  release(closes: boolean): void {
    const port = this.#port
    port.removeEventListener("message", this.#onMessage)
    port.removeEventListener("messageerror", this.#onUnreadable)
    port.removeEventListener("error", this.#onLost)
    port.removeEventListener("close", this.#onLost)
    // Of a worker's scope `close` would end the worker.
    if (closes && port.start) port.close?.()
  }

  readonly #onMessage = ({ data }: MessageEventLike): void => this.#events.message(data)
  readonly #onUnreadable = (): void => this.#events.unreadable()
  readonly #onLost = (event: MessageEventLike): void =>
    this.#events.lost(event.type, portFailure(event))
}

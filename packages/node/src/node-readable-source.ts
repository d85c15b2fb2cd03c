import type { Readable } from "node:stream"

type Controller = ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>

/** The underlying source of a web readable of a Node.js one. */
export class NodeReadableSource implements UnderlyingDefaultSource<Uint8Array<ArrayBuffer>> {
  readonly #source: Readable
  readonly #onCancel: () => void
  #controller: Controller | undefined
  #hasEnded = false
  #isListening = false
  #pulled: (() => void) | undefined

  /** `onCancel` lets go of the Node stream, which is destroyed by default. */
  constructor(source: Readable, onCancel?: () => void) {
    this.#source = source
    // Without a reason: a reader that has enough is not an error of the source.
    this.#onCancel = onCancel ?? (() => void source.destroy())
  }

  start(controller: Controller): void {
    const source = this.#source
    const onClose = (): void => this.fail(source.errored ?? prematureEnd())
    this.#controller = controller
    source.on("end", () => this.#end(() => controller.close()))
    source.on("error", (error) => this.fail(error))
    source.on("close", onClose)
    if (source.readableEnded) this.#end(() => controller.close())
    else if (source.destroyed) onClose()
  }

  pull(controller: Controller): Promise<void> {
    if (!this.#isListening) {
      // Not before: what nobody reads stays untouched, so that a server can dispose of it.
      this.#isListening = true
      this.#source.on("data", (chunk: unknown) => this.#onData(controller, chunk))
    }
    return new Promise((resolve) => {
      this.#pulled = resolve
      this.#source.resume()
    })
  }

  cancel(): void {
    this.#end(() => {})
    this.#onCancel()
  }

  /** Errors the readable, unless it has ended; what the Node stream still gives is dropped. */
  fail(error: unknown): void {
    this.#end(() => this.#controller?.error(error))
  }

  #onData(controller: Controller, chunk: unknown): void {
    if (this.#hasEnded) return
    this.#source.pause()
    if (chunk instanceof Uint8Array) {
      controller.enqueue(chunk as Uint8Array<ArrayBuffer>)
      this.#settle()
    } else {
      const error = new TypeError(`Cannot read a chunk of ${typeof chunk}: want bytes`)
      this.fail(error)
      this.#source.destroy()
    }
  }

  #end(finish: () => void): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    finish()
    this.#settle()
  }

  #settle(): void {
    this.#pulled?.()
    this.#pulled = undefined
  }
}

function prematureEnd(): Error {
  return new Error("Cannot read on: the source closed before its end")
}

import type { Readable } from "node:stream"

/**
 * Makes a Web readable of a Node.js readable of bytes, one chunk read ahead at most.
 *
 * The Node stream is paused except while a chunk is pulled. `cancel` destroys it; an error of it,
 * or its end before its time, errors the readable. Chunks are Node's own buffers: the consumer owns
 * them.
 *
 * @throws {TypeError} into the readable, when the Node stream gives strings or objects.
 *
 * @example Read a Node.js stream to its end
 * ```ts
 * import assert from "node:assert/strict"
 * import { Readable } from "node:stream"
 * import { fromNodeReadable } from "@bellmouth/node"
 *
 * const readable = fromNodeReadable(Readable.from([Buffer.from("to "), Buffer.from("web")]))
 * assert.equal(await new Response(readable).text(), "to web")
 * ```
 */
export function fromNodeReadable(source: Readable): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream(new NodeReadableSource(source), { highWaterMark: 0 })
}

type Controller = ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>

class NodeReadableSource implements UnderlyingDefaultSource<Uint8Array<ArrayBuffer>> {
  readonly #source: Readable
  #hasEnded = false
  #isListening = false
  #pulled: (() => void) | undefined

  constructor(source: Readable) {
    this.#source = source
  }

  start(controller: Controller): void {
    const source = this.#source
    source.on("end", () => this.#end(() => controller.close()))
    source.on("error", (error) => this.#end(() => controller.error(error)))
    source.on("close", () => {
      this.#end(() =>
        controller.error(new Error("Cannot read on: the source closed before its end")),
      )
    })
    if (source.readableEnded) this.#end(() => controller.close())
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
    // Without a reason: a reader that has enough is not an error of the source.
    this.#source.destroy()
  }

  #onData(controller: Controller, chunk: unknown): void {
    this.#source.pause()
    if (this.#hasEnded) return
    if (chunk instanceof Uint8Array) {
      controller.enqueue(chunk as Uint8Array<ArrayBuffer>)
      this.#settle()
    } else {
      const error = new TypeError(`Cannot read a chunk of ${typeof chunk}: want bytes`)
      this.#end(() => controller.error(error))
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

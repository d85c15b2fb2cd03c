import { checkCount } from "../check-count.ts"
import { fromPull } from "../sources/from-pull.ts"
import { StreamError } from "../stream-error.ts"
import { ByteBuffer } from "./byte-buffer.ts"
import { checkBytes } from "./check-bytes.ts"

/** Options of {@link ByteReader}. */
export interface ByteReaderOptions {
  /**
   * The most bytes that one `readExactly`, `readUntil` or `peek` may ask for; more is
   * `LIMIT_EXCEEDED`. Lengths often come from a peer. Default 16 MiB (16,777,216).
   */
  readonly maxBytes?: number
  /** Aborting it cancels the readable; reads that wait reject with its reason. */
  readonly signal?: AbortSignal
}

const DEFAULT_MAX_BYTES = 16 * 1024 * 1024

/**
 * Reads a stream of bytes by counts and delimiters instead of chunks. It locks the readable.
 *
 * Nothing is read ahead of what is asked for but the rest of a chunk. Calls queue. What a call gives
 * may be a view of a chunk, not a copy. A call that fails takes nothing: what had come can still be
 * read. An error of the readable is passed on as it is, once what came before does not suffice.
 *
 * @example A length, then so many bytes
 * ```ts
 * import assert from "node:assert/strict"
 * import { ByteReader } from "@bellmouth/core"
 *
 * const reader = new ByteReader(new Blob([new Uint8Array([2]), "okdone"]).stream())
 * const [length = 0] = await reader.readExactly(1)
 * const text = new TextDecoder()
 * assert.equal(text.decode(await reader.readExactly(length)), "ok")
 * const error = await reader.readExactly(5).catch((error) => error)
 * assert.deepEqual([error.code, error.have, error.want], ["TRUNCATED", 4, 5])
 * ```
 */
export class ByteReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>
  readonly #maxBytes: number
  readonly #signal: AbortSignal | undefined
  readonly #buffer = new ByteBuffer()
  #pending = 0
  #tail: Promise<unknown> = Promise.resolve()
  #isEnded = false
  #isGivenAway = false

  constructor(readable: ReadableStream<Uint8Array>, options: ByteReaderOptions = {}) {
    const { maxBytes = DEFAULT_MAX_BYTES, signal } = options
    checkCount("read at most", maxBytes, 1)
    this.#maxBytes = maxBytes
    this.#signal = signal
    this.#reader = readable.getReader()
    const onAbort = (): void => {
      // What cancelling throws comes second: the caller learns the signal's reason.
      this.#reader.cancel(signal?.reason).catch(() => {})
    }
    if (signal?.aborted) onAbort()
    signal?.addEventListener("abort", onAbort, { once: true })
    const over = (): void => signal?.removeEventListener("abort", onAbort)
    this.#reader.closed.then(over, over)
  }

  /**
   * Reads exactly `count` bytes.
   *
   * @throws {StreamError} `TRUNCATED` with `have` and `want` when the stream ends before;
   *   `LIMIT_EXCEEDED` when `count` is above `maxBytes`.
   */
  readExactly(count: number): Promise<Uint8Array> {
    checkCount("read", count)
    const isAtHand = count <= this.#buffer.length && count <= this.#maxBytes
    if (isAtHand && this.#pending === 0 && !this.#isGivenAway) {
      return Promise.resolve(this.#buffer.take(count))
    }
    return this.#inTurn(async () => {
      this.#checkLimit(count)
      if (!(await this.#fill(count))) throw truncated(`${count} bytes`, this.#buffer.length, count)
      return this.#buffer.take(count)
    })
  }

  /** Reads what is at hand: 1 to `maxCount` bytes, waiting only for the first; undefined at the end. */
  readUpTo(maxCount: number): Promise<Uint8Array | undefined> {
    checkCount("read up to", maxCount, 1)
    return this.#inTurn(async () => {
      await this.#fill(1)
      return this.#buffer.takeAtHand(maxCount)
    })
  }

  /**
   * Reads up to the end of the first `delimiter`, which is included.
   *
   * @throws {StreamError} `TRUNCATED` with `have` when the stream ends before it; `LIMIT_EXCEEDED`
   *   when it does not end within `maxBytes`.
   */
  readUntil(delimiter: Uint8Array): Promise<Uint8Array> {
    if (delimiter.byteLength === 0) throw new RangeError("Cannot read until a delimiter of 0 bytes")
    return this.#inTurn(async () => {
      const state = { chunk: 0, offset: 0, before: 0 }
      for (;;) {
        const count = this.#buffer.find(delimiter, state)
        this.#checkLimit(count >= 0 ? count : this.#buffer.length)
        if (count >= 0) return this.#buffer.take(count)
        const have = this.#buffer.length
        if (!(await this.#fill(have + 1))) throw truncated("until the delimiter", have)
      }
    })
  }

  /**
   * Gives the next `count` bytes without taking them; fewer only at the end of the stream.
   *
   * @throws {StreamError} `LIMIT_EXCEEDED` when `count` is above `maxBytes`.
   */
  peek(count: number): Promise<Uint8Array> {
    checkCount("peek", count)
    return this.#inTurn(async () => {
      this.#checkLimit(count)
      await this.#fill(count)
      return this.#buffer.peek(count)
    })
  }

  /**
   * Gives all that was not yet read, as a stream: a body after its head. The reader is used up.
   *
   * @throws {TypeError} while a call waits, and the second time.
   */
  rest(): ReadableStream<Uint8Array> {
    if (this.#isGivenAway) throw new TypeError("Cannot give the rest: it was given away before")
    if (this.#pending > 0) throw new TypeError("Cannot give the rest: a read waits; await it first")
    this.#isGivenAway = true
    return fromPull({
      pull: async (controller) => {
        await this.#fill(1)
        const chunk = this.#buffer.takeAtHand(Number.POSITIVE_INFINITY)
        if (chunk === undefined) controller.close()
        else controller.enqueue(chunk)
      },
      cancel: (reason) => this.cancel(reason),
    })
  }

  /** Cancels the readable; what had come is dropped. */
  async cancel(reason?: unknown): Promise<void> {
    this.#buffer.take(this.#buffer.length)
    await this.#reader.cancel(reason)
  }

  /** Cancels the readable, if it has not ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.cancel()
  }

  /** Runs `read` after all that were called before it. */
  #inTurn<T>(read: () => Promise<T>): Promise<T> {
    if (this.#isGivenAway) {
      return Promise.reject(new TypeError("Cannot read: the rest was given away by rest()"))
    }
    const isFirst = this.#pending === 0
    this.#pending++
    const result = isFirst ? read() : this.#tail.then(read)
    const settle = (): void => {
      this.#pending--
    }
    this.#tail = result.then(settle, settle)
    return result
  }

  /** Waits until `count` bytes are there; false when the stream has ended before. */
  async #fill(count: number): Promise<boolean> {
    while (this.#buffer.length < count) {
      if (this.#isEnded) return false
      const result = await this.#reader.read()
      this.#signal?.throwIfAborted()
      if (result.done) {
        this.#isEnded = true
      } else {
        checkBytes("read bytes", result.value)
        // Views of a Buffer would be Buffers, whose `slice` and `toString` do something else.
        const { buffer, byteOffset, byteLength } = result.value
        this.#buffer.push(new Uint8Array(buffer, byteOffset, byteLength))
      }
    }
    return true
  }

  #checkLimit(count: number): void {
    if (count <= this.#maxBytes) return
    const message = `Cannot read ${count} bytes at once: the limit is ${this.#maxBytes} (maxBytes)`
    throw new StreamError("LIMIT_EXCEEDED", message)
  }
}

function truncated(what: string, have: number, want?: number): StreamError {
  const message = `Cannot read ${what}: the stream ended after ${have}`
  return new StreamError("TRUNCATED", message, want === undefined ? { have } : { have, want })
}

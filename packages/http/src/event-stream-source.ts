import { SseDecoder, type SseEvent } from "@bellmouth/framing"
import { type Connection, connectEventStream } from "./connect-event-stream.ts"
import { delay } from "./delay.ts"
import type { EventStreamOptions } from "./event-stream-options.ts"
import { HttpError } from "./http-error.ts"
import { reconnectDelay } from "./reconnect-delay.ts"
import { schedule as runtimeSchedule, type Schedule } from "./schedule.ts"

interface OpenConnection {
  readonly reader: ReadableStreamDefaultReader<Uint8Array>
  readonly decoder: SseDecoder
  /** Whether it gave more than a greeting: an event, or a second chunk such as a heartbeat. */
  isWorking: boolean
  hasGreeted: boolean
}

type FailedConnection = Extract<Connection, { type: "failed" }>

/** The underlying source of an `EventStream`: connects, reads, waits and connects again. */
export class EventStreamSource implements UnderlyingDefaultSource<SseEvent> {
  reconnects = 0
  lastEventId: string
  readonly #url: string
  readonly #options: EventStreamOptions
  readonly #schedule: Schedule
  readonly #abort = new AbortController()
  /** Ends the last request, and its body. */
  #request = new AbortController()
  #connection: OpenConnection | undefined
  #retryMs: number
  #failures = 0
  #wasConnected = false
  /** What ended the last connection; `undefined` when the server closed it. */
  #endedBy: unknown
  /** A fault met after events of the same chunk: they are given first. */
  #failure: { readonly error: unknown } | undefined
  #stopListening: () => void = () => {}

  constructor(url: string | URL, options: EventStreamOptions) {
    const { href, protocol, host, username, password } = new URL(url)
    if (protocol !== "http:" && protocol !== "https:") {
      throw new TypeError(`Cannot read events from ${href}: want an http or https URL`)
    }
    if (username !== "" || password !== "") {
      const advice = "fetch takes no user in a URL; use the header authorization"
      throw new TypeError(`Cannot read events from ${host}: ${advice}`)
    }
    checkNumbers(options)
    this.#url = href
    this.#options = options
    this.#schedule = options.schedule ?? runtimeSchedule
    this.#retryMs = options.retryMs ?? 1_000
    this.lastEventId = options.lastEventId ?? ""
  }

  start(controller: ReadableStreamDefaultController<SseEvent>): void {
    const { signal } = this.#options
    if (signal === undefined) return
    const onAbort = (): void => {
      controller.error(signal.reason)
      this.cancel(signal.reason)
    }
    if (signal.aborted) return onAbort()
    signal.addEventListener("abort", onAbort, { once: true })
    this.#stopListening = () => signal.removeEventListener("abort", onAbort)
  }

  async pull(controller: ReadableStreamDefaultController<SseEvent>): Promise<void> {
    try {
      while (!this.#abort.signal.aborted) {
        if (this.#failure !== undefined) throw this.#failure.error
        this.#connection ??= await this.#connect()
        if (this.#connection === undefined) {
          this.#stopListening()
          return controller.close()
        }
        if (await this.#readInto(controller, this.#connection)) return
      }
    } catch (error) {
      if (this.#abort.signal.aborted) return
      this.cancel(error)
      throw error
    }
  }

  cancel(reason: unknown): void {
    this.#stopListening()
    // Ends the wait, the request or the body, whichever there is.
    this.#abort.abort(reason)
    this.#request.abort(reason)
    this.#drop(reason)
  }

  /** Opens a connection, waiting before every one but the first; `undefined` when the server is done. */
  async #connect(): Promise<OpenConnection | undefined> {
    let ended: FailedConnection | undefined
    while (true) {
      if (this.#wasConnected || ended !== undefined) await this.#waitToReconnect(ended)
      const connection = await this.#attempt()
      if (connection.type === "done") return undefined
      if (connection.type === "open") {
        this.#wasConnected = true
        const reader = connection.body.getReader()
        return { reader, decoder: this.#newDecoder(), isWorking: false, hasGreeted: false }
      }
      ended = connection
      this.#failures++
    }
  }

  /** One attempt to connect, which is given up when no answer comes, whatever becomes of the request. */
  async #attempt(): Promise<Connection> {
    const { fetch = globalThis.fetch.bind(globalThis), headers = {} } = this.#options
    const { lastEventId } = this
    // One of its own for each: what a fetch leaves on its signal goes with it.
    const request = new AbortController()
    this.#request = request
    const { signal } = request
    const { promise: silent, resolve: giveUp } = Promise.withResolvers<Connection>()
    const stop = this.#watchSilence((cause) => {
      request.abort(cause)
      giveUp({ type: "failed", cause, retryAfterMs: 0 })
    })
    const options = { fetch, headers, lastEventId, signal }
    const connecting = connectEventStream(this.#url, options).then((connection) => {
      // A body that comes after all is of no use; how it ends changes nothing.
      if (signal.aborted && connection.type === "open") connection.body.cancel().catch(() => {})
      return connection
    })
    try {
      return await Promise.race([connecting, silent])
    } finally {
      stop()
    }
  }

  /** Calls `onSilent` after `idleTimeoutMs`, unless the returned function is called first. */
  #watchSilence(onSilent: (cause: Error) => void): () => void {
    const { idleTimeoutMs = 60_000 } = this.#options
    if (idleTimeoutMs === 0) return () => {}
    const state = `the connection was silent for ${idleTimeoutMs} ms`
    return this.#schedule(() => onSilent(new Error(`Cannot wait on: ${state}`)), idleTimeoutMs)
  }

  async #waitToReconnect(ended: FailedConnection | undefined): Promise<void> {
    const { maxFailures = Infinity, maxRetryMs = 30_000, random = Math.random } = this.#options
    const cause = ended?.cause ?? this.#endedBy
    if (this.#failures >= maxFailures) {
      const message = `Cannot read ${this.#url}: ${this.#failures} attempts in a row gave nothing`
      throw new HttpError("GAVE_UP", message, { cause })
    }
    const wait = reconnectDelay(this.#failures, { retryMs: this.#retryMs, maxRetryMs, random })
    const delayMs = Math.min(maxRetryMs, Math.max(wait, ended?.retryAfterMs ?? 0))
    const { reconnects: count, lastEventId } = this
    this.#options.onReconnect?.({ count, failures: this.#failures, delayMs, lastEventId, cause })
    this.reconnects++
    await delay(delayMs, this.#schedule, this.#abort.signal)
  }

  #newDecoder(): SseDecoder {
    return new SseDecoder({
      lastEventId: this.lastEventId,
      maxEventBytes: this.#options.maxEventBytes ?? 16_777_216,
      onRetry: (retryMs) => {
        this.#retryMs = Math.min(retryMs, this.#options.maxRetryMs ?? 30_000)
      },
    })
  }

  /** Gives the events of one chunk. False when there were none, or when the connection ended. */
  async #readInto(
    controller: ReadableStreamDefaultController<SseEvent>,
    connection: OpenConnection,
  ): Promise<boolean> {
    const chunk = await this.#readChunk(connection.reader)
    if (this.#abort.signal.aborted) return true
    if (chunk === undefined) {
      this.#drop(this.#endedBy)
      this.#failures = connection.isWorking ? 0 : this.#failures + 1
      return false
    }
    let events = 0
    try {
      connection.decoder.push(chunk, (event) => {
        events++
        controller.enqueue(event)
      })
    } catch (error) {
      this.#failure = { error }
    }
    this.lastEventId = connection.decoder.lastEventId
    connection.isWorking ||= events > 0 || connection.hasGreeted
    connection.hasGreeted = true
    return events > 0
  }

  /** The next chunk, or `undefined` when the connection has ended or was silent for too long. */
  async #readChunk(
    reader: ReadableStreamDefaultReader<Uint8Array>,
  ): Promise<Uint8Array | undefined> {
    this.#endedBy = undefined
    const stop = this.#watchSilence((cause) => {
      this.#endedBy = cause
      this.#drop(cause)
    })
    try {
      return (await reader.read()).value
    } catch (error) {
      this.#endedBy = error
      return undefined
    } finally {
      stop()
    }
  }

  #drop(reason: unknown): void {
    const connection = this.#connection
    this.#connection = undefined
    // The connection is given up with `reason` already; how its end went changes nothing.
    connection?.reader.cancel(reason).catch(() => {})
  }
}

/** A wait that is no number would be none at all, and its server asked again and again. */
function checkNumbers(options: EventStreamOptions): void {
  for (const name of ["retryMs", "maxRetryMs", "maxFailures", "idleTimeoutMs"] as const) {
    const value = options[name] ?? 0
    if (!(value >= 0)) {
      throw new RangeError(`Cannot read events with ${name} ${value}: want a number from 0`)
    }
  }
}

/** What a page is told about its connection. */
export type LiveState =
  | { readonly state: "connecting" }
  | { readonly state: "live" }
  | { readonly state: "reconnecting" }
  | { readonly state: "stopped"; readonly reason: string }

export interface LiveEventsOptions {
  /** How many records before the tail to begin with. */
  readonly last: number
  onRecord(id: string, data: string, isBinary: boolean): void
  onState(state: LiveState): void
}

const retryMs = 1500

/**
 * Follows a log by `EventSource`, which reconnects with the last event's id by itself.
 *
 * Where the browser gives up instead, as some do when nothing listens any more, it is started anew
 * from the last id, unless the server says that there is nothing to come back to.
 */
export class LiveEvents {
  readonly #url: string
  readonly #options: LiveEventsOptions
  #lastId = ""

  constructor(url: string, options: LiveEventsOptions) {
    this.#url = url
    this.#options = options
    this.#open()
  }

  #open(): void {
    const query = new URLSearchParams(
      this.#lastId === "" ? { last: String(this.#options.last) } : { offset: this.#lastId },
    )
    const source = new EventSource(`${this.#url}?${query}`)
    source.addEventListener("open", () => this.#options.onState({ state: "live" }))
    source.addEventListener("message", (event) => this.#receive(event, false))
    source.addEventListener("base64", (event) => this.#receive(event, true))
    source.addEventListener("error", () => {
      this.#options.onState({ state: "reconnecting" })
      if (source.readyState === EventSource.CLOSED) setTimeout(() => void this.#revive(), retryMs)
    })
  }

  #receive(event: MessageEvent, isBinary: boolean): void {
    this.#lastId = event.lastEventId
    this.#options.onRecord(event.lastEventId, String(event.data), isBinary)
  }

  /** Asks why the browser gave up: an `EventSource` does not tell. */
  async #revive(): Promise<void> {
    const query = this.#lastId === "" ? "" : `?offset=${encodeURIComponent(this.#lastId)}`
    const headers = { accept: "text/event-stream" }
    const response = await fetch(this.#url + query, { method: "HEAD", headers }).catch(
      () => undefined,
    )
    switch (response?.status) {
      case 204:
        return this.#options.onState({
          state: "stopped",
          reason: "This log is sealed: nothing comes after its last record.",
        })
      case 410:
        return this.#options.onState({
          state: "stopped",
          reason:
            "This log was replaced by another one, or gave up records that this page has not seen. Reload the page to go on.",
        })
      case 416:
        return this.#options.onState({
          state: "stopped",
          reason: "The log is shorter than what this page has seen. Reload the page to start over.",
        })
      case 401:
      case 403:
        return this.#options.onState({
          state: "stopped",
          reason: "Reading this log is not allowed.",
        })
      default:
        this.#open()
    }
  }
}

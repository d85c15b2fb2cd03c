/** What is used of an event of a {@link WebSocketLike}. */
export interface WebSocketEventLike {
  readonly type: string
  readonly data?: unknown
  readonly code?: number
  readonly reason?: string
  readonly error?: unknown
}

/**
 * What is used of a WebSocket: that of browsers, Node, Deno, Bun and workerd, and that of `ws`, which
 * can be paused, breaks off with `terminate`, and says when it has sent.
 */
export interface WebSocketLike {
  binaryType: string
  readonly readyState: number
  /** Not there on workerd: then sending has no backpressure. */
  readonly bufferedAmount?: number
  send(data: Uint8Array<ArrayBuffer>, sent?: () => void): void
  close(code?: number, reason?: string): void
  addEventListener(
    type: "open" | "message" | "error" | "close",
    listener: (event: WebSocketEventLike) => void,
  ): void
  removeEventListener(
    type: "open" | "message" | "error" | "close",
    listener: (event: WebSocketEventLike) => void,
  ): void
  pause?(): void
  resume?(): void
  terminate?(): void
}

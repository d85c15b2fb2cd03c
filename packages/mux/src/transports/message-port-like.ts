/** What is used of an event of a {@link MessagePortLike}. */
export interface MessageEventLike {
  readonly type: string
  readonly data?: unknown
  /** Of a worker's `error`. */
  readonly error?: unknown
  readonly message?: unknown
}

/** What is used of a `MessagePort`, a `Worker`, or the global scope of a worker. */
export interface MessagePortLike {
  postMessage(message: unknown, transfer: ArrayBuffer[]): void
  postMessage(message: unknown): void
  addEventListener(
    type: "message" | "messageerror" | "error" | "close",
    listener: (event: MessageEventLike) => void,
  ): void
  removeEventListener(
    type: "message" | "messageerror" | "error" | "close",
    listener: (event: MessageEventLike) => void,
  ): void
  /** A port has it; a worker and its scope do not. */
  start?(): void
  close?(): void
  /** A worker, seen by its owner, has it. */
  terminate?(): unknown
}

/** What feeds an engine: a writable, another stream's reader, or a source of ours. */
export interface Input {
  /**
   * The engine wants chunks: give them with `engine.feed` (now) or `engine.accept` (later), or say
   * that there are none with `engine.end` or `engine.failInput`. A call before one of these asks for
   * nothing more.
   */
  pull(): void
  /** The engine wants no more: `reason` goes up unchanged. Called at most once. */
  cancel(reason: unknown): Promise<void> | undefined
  /** The first stage has flushed: what a writable's `close()` waits for. */
  flushed?(): void
}

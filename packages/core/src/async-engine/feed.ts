/** What feeds an asynchronous stage: a native writable, or the engine of the stages before it. */
export interface Feed {
  /** A chunk would be worked on now, or as soon as the one that is being worked on is done. */
  want(): void
  /** Nothing more is taken: `reason` goes up. */
  stop(reason: unknown): Promise<void> | undefined
}

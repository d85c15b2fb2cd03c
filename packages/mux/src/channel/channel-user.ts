/** Whoever uses a channel. */
export interface ChannelUser {
  /** An item, room, or an end may be there. Called only between chunks of the transport. */
  onNews(): void
}

/** The user of a channel that nobody has taken, or needs any more. */
export const NOBODY: ChannelUser = { onNews() {} }

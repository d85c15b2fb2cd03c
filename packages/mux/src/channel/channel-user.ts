/** Whoever uses a channel. */
export interface ChannelUser {
  /** An item, room, or an end may be there. Called only between chunks of the transport. */
  onNews(): void
}

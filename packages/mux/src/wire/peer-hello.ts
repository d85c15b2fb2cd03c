/** What the peer said about itself when the session began. */
export interface PeerHello {
  /** Bytes it lets a new channel send. */
  readonly windowBytes: number
  readonly maxFrameBytes: number
  readonly maxItemBytes: number
  /** How many channels and requests this side may have open at a time. */
  readonly maxChannels: number
  /** It gives up when it hears nothing for so long; 0: never. */
  readonly idleTimeoutMs: number
  /** The application's greeting: JSON that is not checked, undefined when there was none. */
  readonly app: unknown
}

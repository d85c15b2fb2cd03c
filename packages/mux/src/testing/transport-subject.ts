import type { Transport } from "../transport.ts"

/** What a transport can; the suite puts its claims accordingly. */
export interface TransportSupports {
  /** Whether each direction ends alone. */
  readonly halfClose: boolean
  /** Whether the peer can tell an abort from an end. */
  readonly abort: boolean
  /**
   * The most bytes that a writer gets rid of while its peer does not read, whatever holds them on the
   * way; `false` where the platform gives the receiver no backpressure.
   */
  readonly maxUnreadBytes: number | false
  /** Whether the suite can have the connection lost, by `lose`. */
  readonly lose: boolean
  /** Whether the suite can ask what is left of a connection, by `remains`. */
  readonly remains: boolean
}

/** Both ends of one connection under test. */
export interface TransportEnds {
  readonly first: Transport
  readonly second: Transport
  /** Has the connection lost, not ended; needed when `supports.lose`. */
  readonly lose?: () => void
  /** Names what is still held for the connection (listeners, timers); needed when `supports.remains`. */
  readonly remains?: () => readonly string[]
  /** Called last, also when a claim did not hold. */
  readonly dispose?: () => void | Promise<void>
}

/** What a transport gives the suite. */
export interface TransportSubject {
  readonly supports: TransportSupports
  /** Makes a new connection. */
  readonly connect: () => Promise<TransportEnds>
  /** How long one claim may take, in milliseconds. Default 20,000. */
  readonly timeoutMs?: number
}

/** One claim about a transport, ready to hand to a test framework. */
export interface TransportCase {
  /** The claim. */
  readonly name: string
  /** Why the claim is not put to this transport, if so. */
  readonly skip?: string
  /** Rejects when the claim does not hold. */
  readonly run: () => Promise<void>
}

/** A claim before it knows its subject. */
export interface TransportClaim {
  readonly name: string
  /** Why it can not be put to a transport that supports this and not that; undefined when it can. */
  readonly skip?: (supports: TransportSupports) => string | undefined
  readonly test: (ends: TransportEnds, supports: TransportSupports) => Promise<void>
}

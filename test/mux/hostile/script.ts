import type { VirtualClock } from "@bellmouth/core"
import type { Channel, MuxErrorCode, Session, SessionOptions } from "@bellmouth/mux"
import type { HostilePeer } from "./hostile-peer.ts"
import type { Mux } from "./import-mux.ts"
import type { Limit } from "./lifted-limits.ts"
import type { Neighbour } from "./neighbour.ts"
import type { VictimOver } from "./victim.ts"

/** Where a script is played. */
export interface Scene {
  readonly mux: Mux
  readonly peer: HostilePeer
  readonly session: Session
  /** The time of the session, which moves only when it is told to. */
  readonly clock: VirtualClock
  readonly neighbour: Neighbour
  /** Claims something; what is false is a violation. */
  claim(isTrue: boolean, what: string): void
  /** Measures what is held now; the most of all is held against the script's limit. */
  measure(): void
}

/** What a hostile peer does, and how it has to end. */
export interface Script {
  /** What the peer does. */
  readonly name: string
  /** The limit that ends it: without that, the script fails. */
  readonly limit: Limit
  /** Default "memory". */
  readonly over?: VictimOver
  readonly options?: SessionOptions
  /** How the session ends; default "PROTOCOL". */
  readonly ends?: MuxErrorCode
  /** Whether the peer is told so by GOAWAY; default true. */
  readonly isTold?: boolean
  /** How many frames, or bytes, it has to have sent. Default 1 frame. */
  readonly floor?: { readonly frames?: number; readonly bytes?: number }
  /** Bytes that may be held behind it, all told. Default 2 MiB. */
  readonly maxHeldBytes?: number
  play(scene: Scene): Promise<void>
}

/** Serves a channel until it is given up by the peer and `freed` is called. */
export function holding(session: Session): { readonly alive: () => number; free(): void } {
  const holds: (() => void)[] = []
  let alive = 0
  session.serve(async (_channel: Channel) => {
    alive++
    await new Promise<void>((resolve) => holds.push(resolve))
    alive--
  })
  return {
    alive: () => alive,
    free: () => {
      for (const release of holds.splice(0)) release()
    },
  }
}

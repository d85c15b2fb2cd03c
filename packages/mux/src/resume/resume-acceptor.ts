import { MuxError } from "../mux-error.ts"
import type { Transport } from "../transport.ts"
import { newSessionId } from "./resume-connector.ts"
import { encodeResumeHello, isSameHello, type ResumeHello } from "./resume-hello.ts"
import { ResumeLink } from "./resume-link.ts"
import { type ResumeOptions, resumeLimits, within } from "./resume-options.ts"
import { Wire } from "./wire.ts"

const MOST_SESSIONS = 1000

/** Options of {@link ResumeAcceptor}. `keepMs` is the most that is kept, whatever is asked for. */
export interface ResumeAcceptorOptions extends ResumeOptions {
  /** How many sessions are known at a time; what comes beyond runs, but can not be resumed. Default 1,000. */
  readonly maxSessions?: number
}

/** Options of {@link ResumeAcceptor.accept}. */
export interface AcceptOptions {
  /**
   * Who is at the other end, as it was authenticated: nobody else can go on with the session, who may
   * know its id. Default "".
   */
  readonly owner?: string
}

interface Kept {
  readonly link: ResumeLink
  readonly owner: string
  readonly first: ResumeHello
  readonly keepMs: number
  /** Prevents that it is forgotten. */
  stop: () => void
}

/**
 * The side of a server of sessions that outlive their transports: knows them, and gives a new
 * transport to the one that asks for it.
 *
 * @example Every connection goes through it
 * ```ts
 * import assert from "node:assert/strict"
 * import { duplexPair } from "@bellmouth/core"
 * import { connect } from "@bellmouth/mux"
 * import { ResumeAcceptor, resumable } from "@bellmouth/mux/resume"
 *
 * const acceptor = new ResumeAcceptor({ keepMs: 30_000 })
 * const [here, there] = duplexPair<Uint8Array>()
 * const session = connect(resumable(async () => here))
 *
 * const transport = await acceptor.accept(there, { owner: "ada" })
 * assert(transport, "A new session; undefined for one that goes on")
 * connect(transport).handle((body) => body)
 * assert.equal((await session.request(new Uint8Array(3))).length, 3)
 * assert.equal(acceptor.size, 1)
 * await session.close()
 * ```
 */
export class ResumeAcceptor {
  readonly #limits: Required<ResumeOptions>
  readonly #maxSessions: number
  readonly #kept = new Map<string, Kept>()

  constructor(options: ResumeAcceptorOptions = {}) {
    this.#limits = resumeLimits(options)
    this.#maxSessions = options.maxSessions ?? MOST_SESSIONS
    if (!Number.isInteger(this.#maxSessions) || this.#maxSessions < 0) {
      throw new RangeError(
        `Cannot keep ${this.#maxSessions} sessions: want a whole number from 0 on`,
      )
    }
  }

  /** How many sessions are known, with a transport or without. */
  get size(): number {
    return this.#kept.size
  }

  /**
   * Takes a transport, which it owns from now on. Gives what a new session is to run over; undefined
   * when the transport went to a session that is known, or was refused.
   *
   * Rejects with `TIMEOUT`, `PROTOCOL` or `CONNECTION_LOST` when no greeting came that can be read.
   */
  async accept(transport: Transport, options: AcceptOptions = {}): Promise<Transport | undefined> {
    const { owner = "" } = options
    const { maxFrameBytes, helloTimeoutMs, clock } = this.#limits
    const wire = new Wire(transport, maxFrameBytes)
    let peer: ResumeHello
    try {
      peer = await within(wire.hello(), helloTimeoutMs, clock)
    } catch (error) {
      wire.drop(error)
      throw error
    }
    if (peer.seen === undefined) return this.#begin(wire, peer, owner)
    await this.#resume(wire, peer, owner)
    return undefined
  }

  #begin(wire: Wire, peer: ResumeHello, owner: string): Transport {
    const { session } = peer
    const isNew = session !== undefined && !this.#kept.has(session)
    const canResume = isNew && this.#kept.size < this.#maxSessions
    const link = new ResumeLink(this.#limits.maxReplayBytes)
    const keepMs = Math.min(peer.keepMs ?? this.#limits.keepMs, this.#limits.keepMs)
    if (canResume) this.#kept.set(session, { link, owner, first: peer, keepMs, stop: () => {} })
    const greet = async (): Promise<void> => {
      const own = await link.hello
      const said = canResume ? { session, keepMs } : { session: undefined, keepMs: undefined }
      await wire.write(encodeResumeHello({ rest: own.rest, seen: undefined, ...said }))
      await link.greet(peer)
      await this.#run(link, wire, canResume ? session : undefined)
    }
    greet().catch((error: unknown) => {
      wire.drop(error)
      this.#forget(session, link, error)
    })
    return link.transport
  }

  async #resume(wire: Wire, peer: ResumeHello, owner: string): Promise<void> {
    const { session = "", seen = 0 } = peer
    const kept = this.#kept.get(session)
    const isSame = kept !== undefined && kept.owner === owner && isSameHello(kept.first, peer)
    if (!isSame || !kept.link.rewind(seen)) {
      // Another name says that this one is not known.
      const hello = { rest: {}, session: newSessionId(), seen: undefined, keepMs: undefined }
      await wire.write(encodeResumeHello(hello))
      return wire.close()
    }
    const { rest } = await kept.link.hello
    const { link, keepMs } = kept
    await wire.write(encodeResumeHello({ rest, session, seen: link.received >>> 0, keepMs }))
    void this.#run(link, wire, session)
  }

  /** Until the transport ends; then the session is kept for a while, if it is known by a name. */
  async #run(link: ResumeLink, wire: Wire, session: string | undefined): Promise<void> {
    const kept = session === undefined ? undefined : this.#kept.get(session)
    kept?.stop()
    const end = await link.run(wire, session !== undefined)
    if (end.isOver || kept === undefined) {
      return this.#forget(session, link, end.isOver ? undefined : end.cause)
    }
    if (link.isUsed) return // another transport has taken its place
    const { clock } = this.#limits
    kept.stop = clock.schedule(() => this.#forget(session, link, end.cause), kept.keepMs)
  }

  #forget(session: string | undefined, link: ResumeLink, cause: unknown): void {
    const kept = session === undefined ? undefined : this.#kept.get(session)
    if (kept?.link === link && session !== undefined) {
      kept.stop()
      this.#kept.delete(session)
    }
    if (link.isOver) return
    const message = "The transport was lost, and no other came in time"
    link.fail(new MuxError("CONNECTION_LOST", message, { cause }))
  }
}

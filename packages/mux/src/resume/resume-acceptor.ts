import type { Transport } from "../transport.ts"
import { MuxError } from "../wire/mux-error.ts"
import { toMuxError } from "../wire/wire-reason.ts"
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
    try {
      const peer = await within(wire.hello(), helloTimeoutMs, clock)
      if (peer.seen === undefined) return this.#begin(wire, peer, owner)
      if (!this.#resume(wire, peer, owner)) {
        await within(refuse(wire), helloTimeoutMs, clock)
        wire.drop(new MuxError("CONNECTION_LOST", "The session that was asked for is not known"))
      }
      return undefined
    } catch (error) {
      wire.drop(error)
      throw toMuxError(error, "CONNECTION_LOST", "The transport failed before it had greeted")
    }
  }

  #begin(wire: Wire, peer: ResumeHello, owner: string): Transport {
    const { session } = peer
    const isNew = session !== undefined && !this.#kept.has(session)
    const canResume = isNew && this.#kept.size < this.#maxSessions
    const link = new ResumeLink(this.#limits, true)
    const keepMs = Math.min(peer.keepMs ?? this.#limits.keepMs, this.#limits.keepMs)
    if (canResume) {
      this.#kept.set(session, { link, owner, first: peer, keepMs, stop: () => {} })
      link.onOver = () => this.#forget(session)
    }
    const greet = async (): Promise<void> => {
      const own = await link.hello
      const said = canResume ? { session, keepMs } : { session: undefined, keepMs: undefined }
      write(wire, { rest: own.rest, seen: undefined, ...said })
      await link.greet(peer)
      await this.#run(link, wire, canResume ? session : undefined)
    }
    greet().catch((error: unknown) => {
      wire.drop(error)
      link.fail(toLost(error))
    })
    return link.transport
  }

  /** False when it is not known, or can not go on. */
  #resume(wire: Wire, peer: ResumeHello, owner: string): boolean {
    const { session = "", seen = 0 } = peer
    const kept = this.#kept.get(session)
    const own = kept?.link.ownHello
    const isSame = kept !== undefined && kept.owner === owner && isSameHello(kept.first, peer)
    if (!isSame || own === undefined || !kept.link.rewind(seen)) return false
    // All of it at once: what comes in between would be lost, or come twice.
    const { link, keepMs } = kept
    write(wire, { rest: own.rest, session, seen: link.received >>> 0, keepMs })
    void this.#run(link, wire, session)
    return true
  }

  /** Until the transport ends; then the session is kept for a while, if it is known by a name. */
  async #run(link: ResumeLink, wire: Wire, session: string | undefined): Promise<void> {
    const kept = session === undefined ? undefined : this.#kept.get(session)
    kept?.stop()
    const end = await link.run(wire, session !== undefined)
    if (end.isOver || link.isUsed) return // or another transport has taken its place
    if (kept === undefined) return link.fail(toLost(end.cause))
    kept.stop()
    kept.stop = this.#limits.clock.schedule(() => link.fail(toLost(end.cause)), kept.keepMs)
  }

  #forget(session: string): void {
    this.#kept.get(session)?.stop()
    this.#kept.delete(session)
  }
}

/** Another name says that the one that was asked for is not known. */
async function refuse(wire: Wire): Promise<void> {
  const hello = { rest: {}, session: newSessionId(), seen: undefined, keepMs: undefined }
  await wire.write(encodeResumeHello(hello))
  await wire.close()
}

function write(wire: Wire, hello: ResumeHello): void {
  wire.write(encodeResumeHello(hello)).catch(() => {}) // reading the same transport tells
}

function toLost(cause: unknown): MuxError {
  const message = "The transport was lost, and no other came in time"
  return new MuxError("CONNECTION_LOST", message, { cause })
}

import type { Transport } from "../transport.ts"
import { MuxError } from "../wire/mux-error.ts"
import { encodeResumeHello, isSameHello, type ResumeHello } from "./resume-hello.ts"
import { ResumeLink } from "./resume-link.ts"
import { type ResumeOptions, resumeLimits, within } from "./resume-options.ts"
import { Wire } from "./wire.ts"

const ID_BYTES = 16

/** Options of {@link resumable}. */
export interface ResumableOptions extends ResumeOptions {
  /**
   * How long to wait before the nth try to connect again, in ms, from 0; it counts on until something
   * has got through. Default: 0, then 100 doubled up to 5,000, of which at least a half and the rest
   * at random, so that not all clients of a server come back at once.
   */
  readonly retryDelayMs?: (attempt: number) => number
  /** Gives numbers from 0 to 1, for the default of `retryDelayMs`. Default `Math.random`. */
  readonly random?: () => number
  /** Told when a transport was lost, and when another took its place. What it throws ends the session. */
  readonly onChange?: (state: "lost" | "resumed", cause: unknown) => void
}

/**
 * A transport that survives the loss of those under it: for the side that connects.
 *
 * When a transport is lost, `dial` makes the next one, and the session goes on where both sides were:
 * no channel notices. After `keepMs` without one, or when the other side has forgotten the session,
 * everything open fails with `CONNECTION_LOST`, as with any transport. A peer that can not resume is
 * served as if this were not there. The first `dial` is not repeated: its failure is the session's.
 *
 * @example A session over a transport that breaks
 * ```ts
 * import assert from "node:assert/strict"
 * import { connect, type Transport } from "@bellmouth/mux"
 * import { ResumeAcceptor, resumable } from "@bellmouth/mux/resume"
 * import { memoryTransports } from "@bellmouth/mux/testing"
 *
 * const acceptor = new ResumeAcceptor()
 * let cut = () => {}
 * async function dial(): Promise<Transport> {
 *   const wires = memoryTransports({ seed: 1 })
 *   cut = wires.cut
 *   void acceptor.accept(wires.second).then((transport) => {
 *     if (transport !== undefined) connect(transport).handle((body) => body)
 *   })
 *   return wires.first
 * }
 * const session = connect(resumable(dial))
 * for (const n of [1, 2, 3]) {
 *   cut()
 *   assert.deepEqual(await session.request(new Uint8Array([n])), new Uint8Array([n]))
 * }
 * await session.abort()
 * ```
 */
export function resumable(
  dial: () => PromiseLike<Transport>,
  options: ResumableOptions = {},
): Transport {
  const limits = resumeLimits(options)
  const link = new ResumeLink(limits, false)
  const connector = new Connector(link, dial, { ...options, ...limits })
  connector.run().catch((error: unknown) => link.fail(error))
  return link.transport
}

class Connector {
  readonly #link: ResumeLink
  readonly #dial: () => PromiseLike<Transport>
  readonly #options: Required<ResumeOptions> & ResumableOptions
  readonly #session = newSessionId()
  #first: ResumeHello | undefined
  /** Tries since anything has got through. */
  #attempts = 0
  #progress = -1

  constructor(
    link: ResumeLink,
    dial: () => PromiseLike<Transport>,
    options: Required<ResumeOptions> & ResumableOptions,
  ) {
    this.#link = link
    this.#dial = dial
    this.#options = options
  }

  /** Rejects with what ends the session early. */
  async run(): Promise<void> {
    const own = await this.#link.hello
    const { wire, peer } = await this.#connect(own, undefined, this.#options.keepMs)
    this.#first = peer
    await this.#link.greet(peer)
    const canResume = peer.session === this.#session
    let end = await this.#link.run(wire, canResume)
    while (!end.isOver) {
      if (!canResume) throw toLost("the transport was lost", end.cause)
      const { onChange } = this.#options
      onChange?.("lost", end.cause)
      const { wire: next, cause } = await this.#again(own, end.cause)
      const running = this.#link.run(next, true) // first: what it is told throws ends that, too
      onChange?.("resumed", cause)
      end = await running
    }
  }

  /** Greets on a new transport, which is to come within `ms`. */
  async #connect(
    own: ResumeHello,
    seen: number | undefined,
    ms: number,
  ): Promise<{ readonly wire: Wire; readonly peer: ResumeHello }> {
    const { keepMs, maxFrameBytes, helloTimeoutMs } = this.#options
    const dialed = this.#dial()
    const transport = await this.#waitFor(dialed, ms).catch((error: unknown) => {
      // It may still come.
      Promise.resolve(dialed)
        .then((late) => new Wire(late, maxFrameBytes).drop(error))
        .catch(() => {}) // its failure is what is told already, or comes too late to be
      throw error
    })
    const wire = new Wire(transport, maxFrameBytes)
    try {
      const hello = encodeResumeHello({ rest: own.rest, session: this.#session, seen, keepMs })
      const greeted = Promise.all([wire.hello(), wire.write(hello)])
      const [peer] = await this.#waitFor(greeted, Math.min(ms, helloTimeoutMs))
      return { wire, peer }
    } catch (error) {
      wire.drop(error)
      throw error
    }
  }

  /** A transport on which the session goes on, and what was in the way of it last. */
  async #again(
    own: ResumeHello,
    lostBy: unknown,
  ): Promise<{ readonly wire: Wire; readonly cause: unknown }> {
    const { clock, keepMs, random = Math.random } = this.#options
    const { retryDelayMs = (attempt: number) => defaultDelayMs(attempt, random()) } = this.#options
    const deadline = clock.now() + keepMs
    const { progress } = this.#link
    if (progress !== this.#progress) this.#attempts = 0
    this.#progress = progress
    let cause = lostBy
    for (;;) {
      const mostMs = Math.max(0, deadline - clock.now())
      await this.#sleep(Math.min(retryDelayMs(this.#attempts++), mostMs))
      if (this.#link.isOver) throw toLost("the session has ended", cause)
      const left = deadline - clock.now()
      if (left <= 0) throw toLost(`no transport came within ${keepMs} ms`, cause)
      try {
        const { wire, peer } = await this.#connect(own, this.#link.received >>> 0, left)
        this.#check(wire, peer)
        return { wire, cause }
      } catch (error) {
        if (error instanceof Forgotten) throw toLost(error.message, error)
        cause = error
      }
    }
  }

  /** What comes within some time, and while the session lasts. */
  #waitFor<T>(promise: PromiseLike<T>, ms: number): Promise<T> {
    const { promise: over, reject } = Promise.withResolvers<never>()
    this.#link.onOver = () => reject(toLost("the session has ended", undefined))
    if (this.#link.isOver) this.#link.onOver()
    return within(Promise.race([promise, over]), ms, this.#options.clock)
  }

  #sleep(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const stop = this.#options.clock.schedule(resolve, ms)
    this.#link.onOver = () => {
      stop()
      resolve()
    }
    return promise
  }

  #check(wire: Wire, peer: ResumeHello): void {
    const first = this.#first
    const isKnown = peer.session === this.#session && peer.seen !== undefined
    const isSame = first !== undefined && isSameHello(first, peer)
    if (isKnown && isSame && this.#link.rewind(peer.seen ?? 0)) return
    const error = new Forgotten("the other side can not go on with it")
    wire.drop(error)
    throw error
  }
}

class Forgotten extends Error {}

function toLost(state: string, cause: unknown): MuxError {
  return new MuxError("CONNECTION_LOST", `Cannot resume the session: ${state}`, { cause })
}

function defaultDelayMs(attempt: number, share: number): number {
  return attempt === 0 ? 0 : (Math.min(5000, 100 * 2 ** (attempt - 1)) * (1 + share)) / 2
}

/** 128 random bits: whoever knows it may go on with the session. */
export function newSessionId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(ID_BYTES))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")
}

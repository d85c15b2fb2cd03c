import { VirtualClock } from "@bellmouth/core"
import { seededRandom } from "@bellmouth/core/testing"
import type { Session, Transport } from "@bellmouth/mux"
import { ResumeAcceptor, resumable } from "@bellmouth/mux/resume"
import { type MemoryTransports, memoryTransports } from "@bellmouth/mux/testing"
import { makePlan } from "./plan.ts"
import { inVirtualTime, start, type Tamper } from "./simulate.ts"
import { SimulatedSide } from "./simulated-side.ts"
import { Trace } from "./trace.ts"

const LONGEST_MS = 120_000
const STEP_MS = 200
const TURNS = 16
/** Longer than all cuts of a seed take. */
const CLOSE_TIMEOUT_MS = 30_000

/**
 * Runs two sessions whose transports are lost again and again, at random bytes and moments, also while
 * they greet and while the sessions end. Every claim must hold as if there were one good transport.
 * `tamper` lies between the connecting side and each transport but the first.
 */
export function simulateResume(seed: number, tamper?: Tamper): Promise<Trace> {
  return inVirtualTime(() => new ResumeSimulation(seed, tamper).run())
}

class ResumeSimulation {
  readonly #seed: number
  readonly #tamper: Tamper | undefined
  readonly #plan: ReturnType<typeof makePlan>
  readonly #random: (below: number) => number
  readonly #clock = new VirtualClock()
  readonly #trace = new Trace()
  readonly #acceptor = new ResumeAcceptor({ clock: this.#clock })
  readonly #far: PromiseWithResolvers<Session> = Promise.withResolvers()
  readonly #greeted: PromiseWithResolvers<void> = Promise.withResolvers()
  #cutsLeft: number
  #dials = 0
  #isClosing = false

  constructor(seed: number, tamper: Tamper | undefined) {
    this.#seed = seed
    this.#tamper = tamper
    this.#random = seededRandom(seed + 1_000_000)
    this.#plan = makePlan(seededRandom(seed))
    this.#cutsLeft = this.#random(16)
  }

  async run(): Promise<Trace> {
    const trace = this.#trace
    const clock = this.#clock
    const near = this.#start(
      resumable(() => this.#dial(), {
        clock,
        retryDelayMs: () => this.#random(20),
        onChange: (state) => trace.reach(`a transport ${state}`),
      }),
      "near",
    )
    void near.ready.then(() => this.#greeted.resolve())
    let isOver = false
    void this.#work(near).finally(() => {
      isOver = true
    })
    for (let at = 0; at < LONGEST_MS && !isOver; at += STEP_MS) await this.#advance(STEP_MS)
    if (!isOver) trace.violate("the sides have not ended")
    // What is left to be told takes some time; nothing is left behind.
    for (let at = 0; at < CLOSE_TIMEOUT_MS && clock.pending > 0; at += STEP_MS)
      await this.#advance(STEP_MS)
    if (clock.pending > 0) trace.violate(`${clock.pending} timers are left`)
    if (this.#acceptor.size > 0) trace.violate("the session is not forgotten")
    return trace
  }

  async #work(near: Session): Promise<void> {
    const { near: own, far: peer } = this.#plan
    const world = { clock: this.#clock, trace: this.#trace, mayBreak: false }
    const nearSide = new SimulatedSide("near", near, { own, peer }, world)
    const far = await this.#far.promise
    const farSide = new SimulatedSide("far", far, { own: peer, peer: own }, world)
    await Promise.all([nearSide.run(), farSide.run()])
    this.#isClosing = true
    const closing = [near, far].filter((_, at) => this.#random(2) === 0 || at === 1)
    for (const session of closing) void session.close()
    for (const { closed } of [near, far])
      await closed.catch((error: unknown) => this.#trace.violate(`a session: ${String(error)}`))
  }

  async #advance(ms: number): Promise<void> {
    await this.#clock.advance(ms, TURNS)
    await new Promise((resolve) => setImmediate(resolve))
  }

  #start(transport: Transport, name: "near" | "far"): Session {
    const options = { closeTimeoutMs: CLOSE_TIMEOUT_MS }
    const watch = this.#trace.watch(name)
    return start(transport, this.#plan[name], this.#clock, watch, undefined, options)
  }

  async #dial(): Promise<Transport> {
    const isFirst = this.#dials++ === 0
    const random = this.#random
    const isStruck = this.#cutsLeft-- > 0
    const atBytes = isStruck && !isFirst && random(2) === 0
    const cutAt = (): number => (atBytes ? 1 + random(3000) : Infinity)
    const { maxPieceBytes, maxDelayMs } = this.#plan
    const wires = memoryTransports({
      seed: this.#seed * 100 + this.#dials,
      clock: this.#clock,
      maxPieceBytes,
      maxDelayMs,
      cutAtBytes: [cutAt(), cutAt()],
      onDelivery: ({ direction, bytes, atMs }) => this.#trace.add(`${direction} ${bytes} ${atMs}`),
    })
    if (isStruck && !atBytes) {
      const strike = (): void => this.#strike(wires)
      const afterMs = random(150)
      const after = (): void => void this.#clock.schedule(strike, afterMs)
      // The first greeting is not repeated.
      if (isFirst) void this.#greeted.promise.then(after)
      else after()
    }
    void this.#accept(wires.second)
    const tamper = isFirst ? undefined : this.#tamper?.()
    if (tamper === undefined) return wires.first
    tamper.readable.pipeTo(wires.first.writable).catch(() => {}) // reading tells
    return { readable: wires.first.readable, writable: tamper.writable }
  }

  async #accept(transport: Transport): Promise<void> {
    try {
      const accepted = await this.#acceptor.accept(transport)
      if (accepted !== undefined) this.#far.resolve(this.#start(accepted, "far"))
    } catch {
      this.#trace.reach("a greeting lost") // the other side tries again
    }
  }

  #strike(wires: MemoryTransports): void {
    if (this.#isClosing) this.#trace.reach("a transport lost at the end")
    switch (this.#random(3)) {
      case 0:
        this.#trace.reach("a cut")
        return wires.cut()
      case 1:
        this.#trace.reach("an end that the accepting side alone sees")
        return wires.truncate("there")
      default:
        this.#trace.reach("an end that the connecting side alone sees")
        return wires.truncate("back")
    }
  }
}

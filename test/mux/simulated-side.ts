import { concatBytes, type VirtualClock } from "@bellmouth/core"
import { type Channel, MuxError, type Session } from "@bellmouth/mux"
import type { ChannelPlan, DirectionPlan, RequestPlan, SidePlan } from "./plan.ts"
import type { Trace } from "./trace.ts"

const FAILED = 300
const CANCELLED = 301
const LOST = 7

/** How work ends whose session does. */
const ENDS: readonly unknown[] = ["CLOSED", "CONNECTION_LOST", "REFUSED", "CANCELLED"]

/** One side of a simulated session: carries out its plan, and checks what it sees. */
export class SimulatedSide {
  readonly #name: string
  readonly #session: Session
  readonly #plan: SidePlan
  readonly #peer: SidePlan
  readonly #clock: VirtualClock
  readonly #trace: Trace
  /** Whether the session may end before its work does. */
  readonly #mayBreak: boolean
  #working = 0

  constructor(
    name: string,
    session: Session,
    plans: { readonly own: SidePlan; readonly peer: SidePlan },
    world: { readonly clock: VirtualClock; readonly trace: Trace; readonly mayBreak: boolean },
  ) {
    this.#name = name
    this.#session = session
    this.#plan = plans.own
    this.#peer = plans.peer
    this.#clock = world.clock
    this.#trace = world.trace
    this.#mayBreak = world.mayBreak
  }

  /** Does all of the plan; settles when it is done, whatever became of it. */
  async run(): Promise<void> {
    const session = this.#session
    session.serve((channel) => this.#serve(channel))
    session.handle((body) => this.#answer(body))
    const messages = this.#readMessages()
    await Promise.all([
      ...this.#plan.channels.map((plan, at) => this.#open(plan, at)),
      ...this.#plan.requests.map((plan) => this.#request(plan)),
      this.#sendMessages(),
    ])
    this.#trace.add(`${this.#name} done`)
    return messages
  }

  async #open(plan: ChannelPlan, at: number): Promise<void> {
    const head = new TextEncoder().encode(JSON.stringify({ plan, at }))
    let channel: Channel
    try {
      channel = this.#session.open(head)
    } catch (error) {
      this.#broken("open", error)
      this.#trace.reach("an open refused, as the session closes")
      return
    }
    if (channel.id === undefined) this.#trace.reach("an open that waits")
    let isReceiving = true
    const receiving = this.#receive(channel, plan.down, `${this.#name} down ${at}`).finally(() => {
      isReceiving = false
    })
    await this.#send(channel, plan.up, `${this.#name} up ${at}`)
    if (isReceiving) this.#trace.reach("a direction that goes on behind the other's end")
    await receiving
    await channel.finished.catch((error: unknown) => this.#known(error, "finished"))
    this.#trace.reach("a channel over")
  }

  async #serve(channel: Channel): Promise<void> {
    this.#working++
    if (this.#working > this.#plan.maxChannels)
      this.#trace.violate("more handlers than maxChannels")
    if (this.#working > 1) this.#trace.reach("two handlers at once")
    const { plan, at }: { plan: ChannelPlan; at: number } = JSON.parse(
      new TextDecoder().decode(channel.metadata),
    )
    await Promise.all([
      this.#send(channel, plan.down, `${this.#name} serves down ${at}`),
      this.#receive(channel, plan.up, `${this.#name} serves up ${at}`),
    ])
    this.#working--
  }

  async #send(channel: Channel, plan: DirectionPlan, what: string): Promise<void> {
    const writer = channel.writable.getWriter()
    writer.closed.catch(() => {}) // each write tells
    try {
      for (const [at, size] of plan.items.entries()) {
        const since = this.#clock.now()
        await writer.write(itemOf(at, size))
        if (this.#clock.now() > since) this.#trace.reach("a write that waits")
        await this.#pause(plan.writePauseMs)
      }
      if (plan.end === "close") await writer.close()
      else if (plan.end === "fail") channel.fail(failure())
      else await writer.abort(failure())
      this.#trace.add(`${what} ended`)
    } catch (last) {
      this.#trace.reach("a sender that was stopped")
      // `close()` on a writable that has failed rejects with a TypeError, as the standard wants it.
      const error: unknown = await writer.closed.then(
        () => last,
        (reason: unknown) => reason,
      )
      const stopped = plan.cancelAfter !== undefined ? [CANCELLED] : []
      this.#known(error, what, [...stopped, 3])
    }
  }

  async #receive(channel: Channel, plan: DirectionPlan, what: string): Promise<void> {
    const reader = channel.readable.getReader()
    const { items, end, cancelAfter = Number.POSITIVE_INFINITY } = plan
    let at = 0
    try {
      for (; at < cancelAfter; at++) {
        const { done, value } = await reader.read()
        if (done) break
        if (!isItem(value, at, items[at]))
          return this.#trace.violate(`${what}: item ${at} is wrong`)
        this.#trace.add(`${what} ${at}`)
        if (plan.readPauseMs > 0) this.#trace.reach("a reader that pauses")
        await this.#pause(plan.readPauseMs)
      }
    } catch (error) {
      this.#trace.reach("a reader that was failed")
      this.#known(error, what, end === "close" ? [] : [FAILED])
      // What was written before `fail` is delivered before it.
      const isWhole = end !== "fail" || at === items.length || wireCodeOf(error) !== FAILED
      if (!isWhole)
        this.#trace.violate(`${what}: ${at} of ${items.length} items before the failure`)
      return
    }
    if (at === cancelAfter) {
      this.#trace.reach("a reader that cancels")
      const enough = new MuxError("APPLICATION", "Enough", { wireCode: CANCELLED })
      // It may have failed already.
      return reader.cancel(enough).catch((error: unknown) => this.#known(error, what))
    }
    if (end !== "close") this.#trace.violate(`${what}: a failure was seen as an end`)
    if (at !== items.length) this.#trace.violate(`${what}: ${at} of ${items.length} items`)
    this.#trace.reach("a reader that has all")
  }

  async #request({ size, outcome }: RequestPlan): Promise<void> {
    const body = concatBytes([new TextEncoder().encode(`${outcome} `), itemOf(size, size)])
    const controller = new AbortController()
    const gaveUp = new Error("Nobody waits")
    if (outcome === "give-up") this.#clock.schedule(() => controller.abort(gaveUp), 30)
    const timeout = outcome === "timeout" ? { timeoutMs: 50 } : {}
    try {
      const reply = await this.#session.request(body.slice(), {
        signal: controller.signal,
        ...timeout,
      })
      if (outcome !== "reply") this.#trace.violate(`a request meant to ${outcome} was answered`)
      if (!isEqual(reply, body)) this.#trace.violate("a reply is wrong")
      this.#trace.reach("a request answered")
    } catch (error) {
      const codes = { reply: [], fail: [FAILED], timeout: [6], "give-up": [] }[outcome]
      if (error !== gaveUp) this.#known(error, `request to ${outcome}`, codes)
      this.#trace.reach(`a request whose outcome is ${outcome}`)
    }
  }

  async #answer(body: Uint8Array): Promise<Uint8Array> {
    const [outcome] = new TextDecoder("latin1").decode(body).split(" ", 1)
    await this.#pause(20)
    if (outcome === "fail") throw failure()
    if (outcome !== "reply") await this.#pause(5000, 4000)
    return body.slice()
  }

  async #sendMessages(): Promise<void> {
    for (const [at, size] of this.#plan.messages.entries()) {
      await this.#session.send(itemOf(at, size)).catch((error: unknown) => {
        this.#broken("send", error)
      })
    }
  }

  async #readMessages(): Promise<void> {
    let at = 0
    const { messages } = this.#peer
    const reader = this.#session.messages.getReader()
    try {
      for (; at < messages.length; at++) {
        const { done, value } = await reader.read()
        if (done) break
        if (!isItem(value, at, messages[at])) this.#trace.violate(`message ${at} is wrong`)
        this.#trace.reach("a message read")
      }
    } catch (error) {
      this.#known(error, "messages")
    }
    if (at < messages.length && !this.#mayBreak) this.#trace.violate(`${at} of the messages came`)
  }

  /** An error that the plan foresees: one of `codes`, or the end of the session where it may come. */
  #known(error: unknown, what: string, codes: readonly number[] = [FAILED, CANCELLED, 3]): void {
    const code = wireCodeOf(error)
    if (codes.includes(code)) return
    if (code === LOST) this.#trace.reach("work that lost its session")
    this.#broken(what, error)
  }

  #broken(what: string, error: unknown): void {
    const isKnown = error instanceof MuxError && ENDS.includes(error.code)
    if (!isKnown || !this.#mayBreak) this.#trace.violate(`${what}: ${String(error)}`)
  }

  #pause(mostMs: number, leastMs = 0): Promise<void> | void {
    if (mostMs === 0) return
    const ms = Math.max(leastMs, mostMs / 2)
    return new Promise((resolve) => this.#clock.schedule(() => resolve(), ms))
  }
}

function failure(): MuxError {
  return new MuxError("APPLICATION", "As planned", { wireCode: FAILED })
}

function wireCodeOf(error: unknown): number {
  return error instanceof MuxError ? error.wireCode : -1
}

/** Every item is a piece of it, whose place tells the item's number. */
const PATTERN = Uint8Array.from({ length: 65_536 }, (_, at) => at & 255)

function itemOf(at: number, size: number): Uint8Array {
  const start = (at * 31) & 255
  return PATTERN.slice(start, start + size)
}

function isItem(value: Uint8Array, at: number, size: number | undefined): boolean {
  return size !== undefined && isEqual(value, itemOf(at, size))
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.byteLength !== b.byteLength) return false
  for (let at = 0; at < a.byteLength; at++) if (a[at] !== b[at]) return false
  return true
}

import { equal } from "./equal.ts"
import { unitsOf } from "./joins.ts"
import type { LawName } from "./law.ts"
import { LawError, type LawErrorCode } from "./law-error.ts"
import type { ResolvedLawOptions } from "./law-options.ts"
import type { Profile } from "./profile.ts"
import { ScriptedSink, type ScriptedSinkOptions } from "./scripted-sink.ts"
import { ScriptedSource } from "./scripted-source.ts"
import { show, showList } from "./show.ts"
import type { Probe, Subject } from "./subject.ts"
import { type Ending, takeAll } from "./take-all.ts"
import { type Settled, Turns } from "./turns.ts"

/** What a case of a law stands on. */
export interface LawContext<I, O> {
  readonly subject: Subject<I, O>
  readonly profile: Profile<O>
  readonly options: ResolvedLawOptions
}

/** What was piped, with the source that feeds it. */
export interface Piped<I, O> {
  readonly source: ScriptedSource<I>
  readonly readable: ReadableStream<O>
}

/** One case of one law: a fresh subject, counted time, and comparisons that are counted too. */
export class Run<I, O> {
  readonly subject: Subject<I, O>
  readonly profile: Profile<O>
  readonly options: ResolvedLawOptions
  readonly turns: Turns
  /** How many comparisons were made. */
  checks = 0
  /** How often a probed stage's `transform` ran. */
  transforms = 0
  /** The reasons that probed stages were cancelled with. */
  readonly stageCancels: unknown[] = []
  readonly #law: LawName
  readonly #case: string
  readonly #seed: number | undefined

  constructor(
    law: LawName,
    name: string,
    seed: number | undefined,
    { subject, profile, options }: LawContext<I, O>,
  ) {
    this.#law = law
    this.#case = name
    this.#seed = seed
    this.subject = subject
    this.profile = profile
    this.options = options
    this.turns = new Turns(options)
  }

  readonly note = (event: string): void => this.turns.note(event)

  readonly probe: Probe = {
    transformed: () => {
      this.transforms++
      this.note("stage transforms")
    },
    cancelled: (reason) => {
      this.stageCancels.push(reason)
      this.note("stage is cancelled")
    },
  }

  /** Makes the subject afresh. */
  create(): ReadableWritablePair<O, I> {
    return this.subject.create(this.probe)
  }

  /** Pipes a scripted source through a fresh subject. */
  pipe(inputs: readonly I[], ending: "close" | "idle"): Piped<I, O> {
    const source = new ScriptedSource(inputs, ending, this.note)
    return { source, readable: this.#through(source.readable) }
  }

  #through(readable: ReadableStream<I>): ReadableStream<O> {
    return this.subject.through?.(readable, this.probe) ?? readable.pipeThrough(this.create())
  }

  sink(options: ScriptedSinkOptions = {}): ScriptedSink<O> {
    return new ScriptedSink<O>(options, this.note)
  }

  settle<T>(promise: Promise<T>): Promise<Settled<T>> {
    return this.turns.settle(promise)
  }

  /** Reads until the end, a stall, or `most` chunks. */
  async take(
    reader: ReadableStreamDefaultReader<O>,
    most: number = Number.POSITIVE_INFINITY,
  ): Promise<{ readonly chunks: O[]; readonly ending: Ending }> {
    // no honest subject gives more than it did before: a few over show an endless one
    const bound = Math.min(most, this.profile.outputs.length + 64)
    const chunks: O[] = []
    const taking = takeAll(reader, chunks, bound, () => this.note(`read chunk ${chunks.length}`))
    const settled = await this.settle(taking)
    const ending: Ending = settled.state === "fulfilled" ? settled.value : { type: "stalled" }
    return { chunks, ending }
  }

  /** Fails the law unless `held`. */
  check(held: boolean, expected: string, seen: string): void {
    this.checks++
    if (!held) throw this.#error("BROKEN", expected, seen)
  }

  /** Fails the law as having had too little to see. */
  vacuous(needed: string, given: string): never {
    throw this.#error("VACUOUS", needed, given)
  }

  /** Fails the law because something threw that the law did not expect. */
  threw(error: unknown): never {
    throw this.#error("BROKEN", "no exception", show(error), error)
  }

  checkSame(seen: unknown, expected: unknown, what: string): void {
    this.check(Object.is(seen, expected), `${what}: the same ${show(expected)}`, show(seen))
  }

  checkCount(seen: number, most: number, what: string): void {
    this.check(seen <= most, `${what}: at most ${most}`, `${seen}`)
  }

  checkOutputs(seen: readonly O[], expected: readonly O[], what: string): void {
    const [one, other] = this.#units(seen, expected)
    const held = one.length === other.length && this.#begins(one, other)
    const at = this.#difference(one, other)
    this.check(held, `${what}: ${showList(other, at)}`, showList(one, at))
  }

  /** What was seen must be the beginning of what is expected. */
  checkBeginning(seen: readonly O[], expected: readonly O[], what: string): void {
    const [one, other] = this.#units(seen, expected)
    const at = this.#difference(one, other)
    const held = this.#begins(one, other)
    this.check(held, `${what}: a beginning of ${showList(other, at)}`, showList(one, at))
  }

  checkState(seen: Settled<unknown>, state: "fulfilled" | "rejected", what: string): void {
    const told = seen.state === "rejected" ? `rejected with ${show(seen.reason)}` : seen.state
    this.check(seen.state === state, `${what}: ${state}`, told)
  }

  checkRejected(seen: Settled<unknown>, reason: unknown, what: string): void {
    this.checkState(seen, "rejected", what)
    if (seen.state === "rejected") this.checkSame(seen.reason, reason, what)
  }

  checkEnding(seen: Ending, type: Ending["type"], what: string): void {
    const told = seen.type === "errored" ? `errored with ${show(seen.reason)}` : seen.type
    this.check(seen.type === type, `${what}: ${type}`, told)
  }

  /** A callback must have been called once, with this very reason. */
  checkCalledOnce(reasons: readonly unknown[], reason: unknown, what: string): void {
    const held = reasons.length === 1 && Object.is(reasons[0], reason)
    this.check(held, `${what} once, with the same ${show(reason)}`, `calls with ${show(reasons)}`)
  }

  #begins(one: readonly unknown[], other: readonly unknown[]): boolean {
    return this.#difference(one, other) === one.length && one.length <= other.length
  }

  /** The first index at which one differs from the other, or ends. */
  #difference(one: readonly unknown[], other: readonly unknown[]): number {
    const same = this.subject.equals?.bind(this.subject) ?? equal
    const end = Math.min(one.length, other.length)
    for (let index = 0; index < end; index++) if (!same(one[index], other[index])) return index
    return end
  }

  #units(one: readonly O[], other: readonly O[]): [readonly unknown[], readonly unknown[]] {
    const { joins } = this.subject
    return [unitsOf(one, joins), unitsOf(other, joins)]
  }

  #error(code: LawErrorCode, expected: string, seen: string, cause?: unknown): LawError {
    return new LawError({
      code,
      law: this.#law,
      case: this.#case,
      seed: this.#seed,
      expected,
      seen,
      trace: [...this.turns.trace],
      cause,
    })
  }
}

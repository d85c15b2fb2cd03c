import { type Flow, Receiver } from "./receiver.ts"
import type { StageController, SyncTransformer } from "./sync-transformer.ts"

/** A transformer whose chunk types are known only to the code that built the chain. */
export type AnyTransformer = SyncTransformer<unknown, unknown>

/** One stage inside an engine: its transformer, and the controller that the transformer is handed. */
export class Link extends Receiver implements StageController<unknown> {
  // Plain fields where every chunk passes: some engines take longer for private ones.
  readonly transformer: AnyTransformer
  readonly index: number
  /** What comes after this stage. */
  next: Receiver
  #hasStarted = false
  #endedItself = false

  constructor(flow: Flow, index: number, transformer: AnyTransformer, next: Receiver) {
    super(flow)
    this.index = index
    this.transformer = transformer
    this.next = next
  }

  override take(chunk: unknown): void {
    const { transformer } = this
    if (transformer.transform === undefined) return this.enqueue(chunk)
    this.ahead++
    try {
      const result: unknown = transformer.transform(chunk, this)
      if (result !== undefined) refuseThenable(result, "transform")
    } catch (reason) {
      // Recorded, not rethrown: a stage before this one may have a try/catch around its enqueue.
      this.flow.failed(this.index, reason)
    }
    this.ahead--
  }

  enqueue(chunk: unknown): void {
    const { flow, next } = this
    if (this.index > flow.barrier && flow.demand > 0 && next.ahead === 0) {
      next.take(chunk)
    } else if (this.index > flow.cut) {
      // A timer or a stage further down may call this, too: it comes after what is being handled.
      next.hold(chunk)
      flow.run()
    } else {
      this.#refuse("enqueue")
    }
  }

  error(reason: unknown): void {
    if (this.index <= this.flow.cut) return
    this.#endedItself = true
    this.flow.failed(this.index, reason)
  }

  terminate(): void {
    if (this.index <= this.flow.cut) return
    this.#endedItself = true
    this.flow.terminated(this.index)
  }

  start(): void {
    if (this.#hasStarted) return
    this.#hasStarted = true
    this.#call("start", () => this.transformer.start?.(this))
  }

  flush(): void {
    this.#call("flush", () => this.transformer.flush?.(this))
    this.#endedItself = true
  }

  idle(): void {
    this.#call("idle", () => this.transformer.idle?.(this))
  }

  /** Tells the transformer that it is over. What it throws is the caller's to report. */
  cancel(reason: unknown): void {
    this.start() // `cancel` gives back what `start` took, so it never comes alone
    const result: unknown = this.transformer.cancel?.(reason)
    if (result !== undefined) refuseThenable(result, "cancel")
  }

  #call(name: string, callback: () => unknown): void {
    try {
      const result = callback()
      if (result !== undefined) refuseThenable(result, name)
    } catch (reason) {
      this.flow.failed(this.index, reason)
    }
  }

  /** After its own end a stage is at fault, as in the standard; after another's end it can not know. */
  #refuse(action: string): void {
    if (this.#endedItself) throw new TypeError(`Cannot ${action}: the stage has ended itself`)
  }
}

/** Tells stages, in the order given, that they are over; gives the first error that one of them throws. */
export function cancelLinks(
  links: readonly Link[],
  reason: unknown,
): { readonly reason: unknown } | undefined {
  let thrown: { readonly reason: unknown } | undefined
  for (const link of links) {
    try {
      link.cancel(reason)
    } catch (error) {
      thrown ??= { reason: error }
    }
  }
  return thrown
}

function refuseThenable(result: unknown, name: string): void {
  const isObject = (typeof result === "object" && result !== null) || typeof result === "function"
  if (!isObject || !("then" in result) || typeof result.then !== "function") return
  // The promise is refused, so nobody else will look at how it ends.
  Promise.resolve(result).catch(() => {})
  throw new TypeError(`Cannot run ${name}: it returned a promise; use asyncStage() for it`)
}

import { checkCount } from "../check-count.ts"
import { fromPush } from "../sources/from-push.ts"
import type { PushController } from "../sources/push-source.ts"
import { stage } from "../stage/stage.ts"
import { type Snapshot, SnapshotSource } from "./snapshot.ts"

/**
 * The four ends of a role: something that takes events in, gives results and faults out, and has a
 * state that others look at.
 */
export interface Ports<E, O, Err, S> {
  /** Takes events. */
  readonly in: WritableStream<E>
  /** Gives every result, in order; nothing is lost, and a slow reader slows `in` down. */
  readonly out: ReadableStream<O>
  /** Gives what went wrong with single events, as values: they never fail `out`. */
  readonly err: ReadableStream<Err>
  /** The state now: the latest wins, and any number may look. */
  readonly snapshot: Snapshot<S>
}

/** What a role's callbacks give their values to. Ignored once the role has ended. */
export interface PortsController<O, Err, S> {
  /** Gives one result. */
  out(result: O): void
  /** Gives one fault of one event. */
  err(fault: Err): void
  /** Gives the new state. */
  snapshot(state: S): void
}

/** What a role does. A callback that throws fails all of its ends. */
export interface Role<E, O, Err, S> {
  /** Called once, at once. */
  start?(controller: PortsController<O, Err, S>): void
  /** Called for each event, once a reader of `out` wants more. Synchronous. */
  event(event: E, controller: PortsController<O, Err, S>): void
  /** Called once after the last event. */
  flush?(controller: PortsController<O, Err, S>): void
  /** Called once when the role ends early: `in` was aborted or `out` cancelled. */
  cancel?(reason: unknown): void
}

/** Options of {@link createPorts}. */
export interface PortsOptions<Err> {
  /**
   * The most faults that wait for a reader of `err`; the oldest is dropped for one more, so that
   * nobody needs to read them. Default 256.
   */
  readonly maxQueuedErrs?: number
  /** Told of each fault that is dropped so. */
  readonly onErrDrop?: (fault: Err) => void
}

/**
 * Makes the ports of a role.
 *
 * Closing `in` closes the others, after what they hold. When the role fails, all ends fail with the
 * same error, after what was given before; when `in` is aborted or `out` cancelled, the others end
 * with that reason. Cancelling `err`, or not reading it, changes nothing for `out`.
 *
 * @throws {RangeError} when `maxQueuedErrs` is not a whole number from 1 on, and what `role.start`
 *   throws.
 *
 * @example A parser that survives bad input
 * ```ts
 * import assert from "node:assert/strict"
 * import { createPorts, from, toArray } from "@bellmouth/core"
 *
 * let good = 0
 * const ports = createPorts<string, number, string, number>({
 *   event(text, controller) {
 *     const number = Number(text)
 *     if (Number.isNaN(number)) return controller.err(`not a number: ${text}`)
 *     controller.out(number)
 *     controller.snapshot(++good)
 *   },
 * })
 * void from(["1", "x", "2"]).pipeTo(ports.in)
 * assert.deepEqual(await toArray(ports.out), [1, 2])
 * assert.deepEqual(await toArray(ports.err), ["not a number: x"])
 * assert.equal(ports.snapshot.latest, 2)
 * ```
 */
export function createPorts<E, O, Err, S>(
  role: Role<E, O, Err, S>,
  options: PortsOptions<Err> = {},
): Ports<E, O, Err, S> {
  const { maxQueuedErrs = 256, onErrDrop = () => {} } = options
  checkCount("queue faults up to", maxQueuedErrs, 1)
  const states = new SnapshotSource<S>()
  let faults: PushController<Err> | undefined
  const err = fromPush<Err>(
    {
      start(controller) {
        faults = controller
      },
    },
    {
      highWaterMark: maxQueuedErrs,
      maxQueued: maxQueuedErrs,
      overflow: "drop-oldest",
      onDrop: onErrDrop,
    },
  )
  const failSides = (reason: unknown): void => {
    faults?.error(reason)
    states.error(reason)
  }
  /** The engine tells a stage's `cancel` of every early end but the stage's own failure. */
  const guard = (call: () => void): void => {
    try {
      call()
    } catch (reason) {
      failSides(reason)
      throw reason
    }
  }
  const early: O[] = []
  let give = (result: O): void => void early.push(result)
  const controller: PortsController<O, Err, S> = {
    out: (result) => give(result),
    err: (fault) => faults?.enqueue(fault),
    snapshot: (state) => states.set(state),
  }
  // Now, not when `out` is first read: the first state is there to be looked at.
  role.start?.(controller)
  const main = stage<E, O>({
    start(given) {
      give = (result) => given.enqueue(result)
      for (const result of early.splice(0)) give(result)
    },
    transform: (event) => guard(() => role.event(event, controller)),
    flush() {
      guard(() => role.flush?.(controller))
      faults?.close()
      states.close()
    },
    cancel(reason) {
      failSides(reason)
      role.cancel?.(reason)
    },
  })
  return { in: main.writable, out: main.readable, err, snapshot: states.snapshot }
}

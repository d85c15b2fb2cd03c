import { checkPositive } from "../check-positive.ts"
import { Engine } from "../engine/engine.ts"
import { EngineReadable } from "../engine/engine-readable.ts"
import { PushInput } from "./push-input.ts"
import type { FromPushOptions, PushSource } from "./push-source.ts"

/**
 * Makes a readable of a push source, without loss and within bounds.
 *
 * The source is told to pause at one mark and to go on at a lower one, so that it is not switched
 * for every chunk. What it still gives after a pause is queued, up to a hard limit with a policy of
 * your choice. Late calls from the source, after its consumer has gone, are harmless.
 *
 * What `start`, `pause`, `resume`, `size` or `onDrop` throws fails the stream after what is queued;
 * what `start` throws at once is thrown. What `stop` throws rejects the consumer's `cancel`.
 *
 * @throws {RangeError} for water marks or limits out of order.
 * @throws {StreamError} `OVERFLOW` at the reader, under the policy `"error"`.
 *
 * @example An event target
 * ```ts
 * import assert from "node:assert/strict"
 * import { fromPush, take, toArray } from "@bellmouth/core"
 *
 * const target = new EventTarget()
 * let listen = (event: Event) => {}
 * const types = fromPush<string>({
 *   start(controller) {
 *     listen = (event) => controller.enqueue(event.type)
 *     target.addEventListener("tick", listen)
 *   },
 *   stop: () => target.removeEventListener("tick", listen),
 * })
 * target.dispatchEvent(new Event("tick"))
 * target.dispatchEvent(new Event("tick"))
 * assert.deepEqual(await toArray(types.pipeThrough(take(2))), ["tick", "tick"])
 * ```
 */
export function fromPush<T>(
  source: PushSource<T>,
  options: FromPushOptions<T> = {},
): ReadableStream<T> {
  const { highWaterMark = 16, overflow = "error", size = () => 1, onDrop = () => {} } = options
  const { lowWaterMark = highWaterMark / 2, maxQueued = highWaterMark * 16 } = options
  checkPositive("highWaterMark", highWaterMark)
  if (!(lowWaterMark >= 0 && lowWaterMark < highWaterMark)) {
    throw new RangeError(
      `Cannot use lowWaterMark ${lowWaterMark}: want 0 or more, below highWaterMark ${highWaterMark}`,
    )
  }
  if (!(maxQueued >= highWaterMark)) {
    throw new RangeError(
      `Cannot use maxQueued ${maxQueued}: want highWaterMark ${highWaterMark} or more`,
    )
  }
  const engine = new Engine()
  const readable = new EngineReadable<T>(engine)
  const limits = { highWaterMark, lowWaterMark, maxQueued, overflow, size, onDrop }
  engine.connectInput(new PushInput(engine, source, limits))
  return readable
}

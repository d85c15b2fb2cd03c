import type { DefinedLaw } from "./define-law.ts"
import type { Law } from "./law.ts"
import { abort } from "./laws/abort.ts"
import { afterEnd } from "./laws/after-end.ts"
import { backpressure } from "./laws/backpressure.ts"
import { cancel } from "./laws/cancel.ts"
import { chunking } from "./laws/chunking.ts"
import { deliverThenFail } from "./laws/deliver-then-fail.ts"
import { earlyStop } from "./laws/early-stop.ts"
import { endSeen } from "./laws/end-seen.ts"
import { flush } from "./laws/flush.ts"
import { interleaving } from "./laws/interleaving.ts"
import { order } from "./laws/order.ts"
import { pipeAbort } from "./laws/pipe-abort.ts"
import { retention } from "./laws/retention.ts"
import { sinkError } from "./laws/sink-error.ts"
import { sinkLead } from "./laws/sink-lead.ts"
import { sourceError } from "./laws/source-error.ts"
import { stageCancel } from "./laws/stage-cancel.ts"
import { terminate } from "./laws/terminate.ts"

/** Every law, in the order in which they are checked: first what the others lean on. */
export const definedLaws: readonly DefinedLaw[] = [
  order,
  chunking,
  interleaving,
  flush,
  endSeen,
  backpressure,
  sinkLead,
  sourceError,
  sinkError,
  deliverThenFail,
  cancel,
  stageCancel,
  earlyStop,
  abort,
  pipeAbort,
  afterEnd,
  terminate,
  retention,
]

/**
 * The laws of transforms, one by one, to register each as a test of its own in any framework.
 * A law that does not apply to the subject says so in its result.
 *
 * @example One test for each law
 * ```ts
 * import assert from "node:assert/strict"
 * import { laws } from "@bellmouth/core/testing"
 *
 * const subject = {
 *   create: () =>
 *     new TransformStream<number, number>({
 *       transform: (chunk, controller) => controller.enqueue(chunk * 2),
 *     }),
 *   inputs: [1, 2, 3, 4],
 *   outputs: [2, 4, 6, 8],
 * }
 * // for (const law of laws) test(law.name, () => law.check(subject))
 * const names: string[] = []
 * for (const law of laws) {
 *   const result = await law.check(subject)
 *   if (result.state === "held") names.push(result.law)
 * }
 * assert.ok(names.includes("order") && names.includes("backpressure"))
 * ```
 */
export const laws: readonly Law[] = definedLaws

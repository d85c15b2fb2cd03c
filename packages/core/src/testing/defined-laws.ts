import type { DefinedLaw } from "./define-law.ts"
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

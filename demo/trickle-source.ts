import { setTimeout as wait } from "node:timers/promises"
import type { Random } from "./random.ts"
import type { WebhookExamples } from "./webhook-events.ts"

const meanMs = 450

/** Deliveries one by one, at random moments, for as long as anyone reads: something to look at. */
export function webhookTrickle(
  examples: WebhookExamples,
  first: number,
  random: Random,
  signal: AbortSignal,
): ReadableStream<Uint8Array> {
  let number = first
  return new ReadableStream(
    {
      async pull(controller) {
        await wait(-Math.log(1 - random()) * meanMs, undefined, { signal })
        controller.enqueue(examples.line(number++, Math.floor(random() * examples.count)))
      },
    },
    { highWaterMark: 0 },
  )
}

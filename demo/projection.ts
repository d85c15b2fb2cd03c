import { type Stage, stage } from "@bellmouth/core"
import type { WebhookEvent } from "./webhook-events.ts"

/** What is kept of a delivery. */
export interface Projected {
  readonly delivery: number
  readonly event: string
  readonly action: string | null
  readonly repository: string | null
  readonly sender: string | null
}

/** A stage from deliveries to what is kept of them. */
export function projection(): Stage<WebhookEvent, Projected> {
  return stage({
    transform({ delivery, event, payload }, controller) {
      controller.enqueue({
        delivery,
        event,
        action: payload.action ?? null,
        repository: payload.repository?.full_name ?? null,
        sender: payload.sender?.login ?? null,
      })
    },
  })
}

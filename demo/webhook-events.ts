import { readFile } from "node:fs/promises"

/** One delivery as it stands in the NDJSON input: GitHub sends `event` as a header. */
export interface WebhookEvent {
  readonly delivery: number
  readonly event: string
  readonly payload: {
    readonly action?: string
    readonly repository?: { readonly full_name?: string }
    readonly sender?: { readonly login?: string }
  }
}

/** Real payloads, each already encoded but for its delivery number. */
export interface WebhookExamples {
  readonly count: number
  /** The NDJSON line of a delivery: one of the examples, by default the one whose turn it is. */
  line(delivery: number, example?: number): Uint8Array
}

interface EventExamples {
  readonly name: string
  readonly examples: readonly unknown[]
}

/** Loads the payloads that GitHub documents its webhooks with. */
export async function loadWebhookExamples(): Promise<WebhookExamples> {
  const path = import.meta.resolve("@octokit/webhooks-examples/package.json")
  const url = new URL("api.github.com/index.json", path)
  const events: readonly EventExamples[] = JSON.parse(await readFile(url, "utf8"))
  const encoder = new TextEncoder()
  const tails = events.flatMap(({ name, examples }) =>
    examples.map((payload) =>
      encoder.encode(`,"event":${JSON.stringify(name)},"payload":${JSON.stringify(payload)}}\n`),
    ),
  )
  return {
    count: tails.length,
    line(delivery, example = delivery) {
      const head = encoder.encode(`{"delivery":${delivery}`)
      const tail = tails[example % tails.length] ?? new Uint8Array(0)
      const line = new Uint8Array(head.length + tail.length)
      line.set(head)
      line.set(tail, head.length)
      return line
    },
  }
}

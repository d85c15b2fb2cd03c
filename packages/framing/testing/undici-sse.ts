import { createRequire } from "node:module"
import type { Transform } from "node:stream"
import type { SseEvent } from "../src/sse/sse-event.ts"

interface EventSourceStreamClass {
  new (options: {
    eventSourceSettings: { lastEventId: string; origin: string; reconnectionTime: number }
    push: (event: { type: string; options: { data: string; lastEventId: string } }) => boolean
  }): Transform
}

const { EventSourceStream } = createRequire(import.meta.url)(
  "undici/lib/web/eventsource/eventsource-stream.js",
) as { EventSourceStream: EventSourceStreamClass }

/** The events that undici's parser finds: a judge that shares no code with this package. */
export function undiciSse(chunks: Iterable<Uint8Array>): SseEvent[] {
  const events: SseEvent[] = []
  const stream = new EventSourceStream({
    eventSourceSettings: { lastEventId: "", origin: "", reconnectionTime: 0 },
    push: ({ type, options }) => {
      events.push({ type, data: options.data, lastEventId: options.lastEventId })
      return true
    },
  })
  for (const chunk of chunks) {
    stream._transform(Buffer.from(chunk), "utf8", (error) => {
      if (error) throw error
    })
  }
  return events
}

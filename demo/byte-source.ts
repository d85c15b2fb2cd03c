import type { WebhookExamples } from "./webhook-events.ts"

const chunkBytes = 65_536

/**
 * The deliveries from 0 to `count` as NDJSON bytes, in chunks of 64 KiB that cut lines anywhere.
 *
 * One chunk is made per pull; no more than that and one line is held.
 */
export function webhookBytes(
  examples: WebhookExamples,
  count: number,
  onBytes: (bytes: number) => void,
): ReadableStream<Uint8Array> {
  let delivery = 0
  let line = new Uint8Array(0)
  let position = 0
  return new ReadableStream(
    {
      pull(controller) {
        const chunk = new Uint8Array(chunkBytes)
        let filled = 0
        while (filled < chunkBytes) {
          if (position === line.length) {
            if (delivery === count) break
            line = new Uint8Array(examples.line(delivery++))
            position = 0
          }
          const part = line.subarray(position, position + chunkBytes - filled)
          chunk.set(part, filled)
          filled += part.length
          position += part.length
        }
        if (filled > 0) {
          onBytes(filled)
          controller.enqueue(chunk.subarray(0, filled))
        }
        if (filled < chunkBytes) controller.close()
      },
    },
    { highWaterMark: 0 },
  )
}

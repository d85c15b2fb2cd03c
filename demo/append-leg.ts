import { ByteLineDecoderStream, NdjsonDecoderStream, NdjsonEncoderStream } from "@bellmouth/framing"
import type { Ack, Log } from "@bellmouth/log"
import { Fingerprint } from "./fingerprint.ts"
import { projection } from "./projection.ts"
import type { WebhookEvent } from "./webhook-events.ts"

export interface Appended {
  /** What went into the log, as NDJSON. */
  readonly sent: Fingerprint
  /** How many records the log has acknowledged. */
  readonly acknowledged: number
}

/**
 * Bytes → records → projection → NDJSON → log: one pipeline, one acknowledgement for each record.
 *
 * The encoder's chunks hold as many lines as were at hand, and a record of the log is one line.
 */
export async function appendLeg(
  bytes: ReadableStream<Uint8Array>,
  log: Log,
  signal: AbortSignal,
): Promise<Appended> {
  const sent = new Fingerprint()
  const first = await log.tail()
  let acknowledged = 0
  await bytes
    .pipeThrough(new NdjsonDecoderStream<WebhookEvent>())
    .pipeThrough(projection())
    .pipeThrough(new NdjsonEncoderStream())
    .pipeThrough(sent.tap())
    .pipeThrough(new ByteLineDecoderStream())
    .pipeThrough(log.append())
    .pipeTo(
      new WritableStream<Ack>({
        write(ack) {
          if (ack.offset !== first + acknowledged || ack.level !== "disk") {
            throw new Error(`Cannot go on: record ${acknowledged} got ${JSON.stringify(ack)}`)
          }
          acknowledged += ack.count
        },
      }),
      { signal },
    )
  return { sent, acknowledged }
}

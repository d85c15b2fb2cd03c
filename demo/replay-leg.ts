import { stage } from "@bellmouth/core"
import { NdjsonRecordEncoder } from "@bellmouth/http"
import type { Log, RecordBatch } from "@bellmouth/log"
import { Fingerprint } from "./fingerprint.ts"

/** Log → NDJSON bytes, as they are stored: what the disk holds, without HTTP between. */
export async function replayLeg(log: Log, signal: AbortSignal): Promise<Fingerprint> {
  const stored = new Fingerprint()
  const encoder = new NdjsonRecordEncoder()
  const lines = stage<RecordBatch, Uint8Array>({
    transform: (batch, controller) => controller.enqueue(encoder.encode(batch)),
  })
  await log
    .replayBatches({ signal })
    .pipeThrough(lines)
    .pipeThrough(stored.tap())
    .pipeTo(new WritableStream())
  return stored
}

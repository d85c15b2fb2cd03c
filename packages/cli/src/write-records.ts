import { stage } from "@bellmouth/core"
import { NdjsonRecordEncoder } from "@bellmouth/http"
import type { Log, RecordBatch, ReplayOptions } from "@bellmouth/log"
import type { CommandContext } from "./command.ts"

/**
 * Writes records to standard output as NDJSON until the replay ends.
 *
 * The user's wish to end it is an end like any other.
 */
export async function writeRecords(
  log: Log,
  options: ReplayOptions,
  context: CommandContext,
): Promise<void> {
  const { signal } = context
  const encoder = new NdjsonRecordEncoder()
  const lines = stage<RecordBatch, Uint8Array>({
    transform: (batch, controller) => controller.enqueue(encoder.encode(batch)),
  })
  try {
    await log
      .replayBatches({ ...options, signal })
      .pipeThrough(lines)
      .pipeTo(context.stdout())
  } catch (error) {
    if (!signal.aborted || error !== signal.reason) throw error
  }
}

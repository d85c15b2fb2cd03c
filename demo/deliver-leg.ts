import { stage } from "@bellmouth/core"
import { createLogHandler, LogNdjsonEncoderStream, openLogStream } from "@bellmouth/http"
import type { Log } from "@bellmouth/log"
import { serve } from "@bellmouth/node"
import { startCuttingProxy } from "./cutting-proxy.ts"
import { Fingerprint } from "./fingerprint.ts"
import { cutLengths, type Random } from "./random.ts"
import { Tally } from "./tally.ts"

export interface DeliverOptions {
  readonly records: number
  /** The bytes of the log as NDJSON; the events that carry them are more. */
  readonly bytes: number
  readonly cuts: number
  readonly random: Random
  readonly signal: AbortSignal
  onRecord(): void
}

export interface Delivered {
  readonly received: Fingerprint
  readonly tally: Tally
  readonly cuts: number
  /** How often the client came back after a connection that broke. */
  readonly resumed: number
}

/** Log → HTTP, Server-Sent Events → a connection that is cut → a client that resumes → lines. */
export async function deliverLeg(log: Log, options: DeliverOptions): Promise<Delivered> {
  const { records, bytes, random, signal } = options
  await using server = await serve(createLogHandler(log, { retryMs: 10 }), { port: 0 })
  const lengths = cutLengths(options.cuts, bytes, random)
  await using proxy = await startCuttingProxy(server.port, lengths, random)

  const received = new Fingerprint()
  const tally = new Tally(records)
  let resumed = 0
  const entries = openLogStream(`${proxy.url}events?follow=false`, {
    random,
    signal,
    maxRetryMs: 20,
    // A connection that is cut in its headers gives nothing.
    maxFailures: options.cuts + 100,
    onReconnect: ({ cause }) => {
      if (cause !== undefined) resumed++
    },
  })
  await entries
    .pipeThrough(new LogNdjsonEncoderStream())
    .pipeThrough(received.tap())
    .pipeThrough(
      stage<Uint8Array, Uint8Array>({
        transform(line, controller) {
          options.onRecord()
          controller.enqueue(line)
        },
      }),
    )
    .pipeTo(tally)
  return { received, tally, cuts: proxy.cuts, resumed }
}

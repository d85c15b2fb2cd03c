import { createInterface } from "node:readline"
import type { FsLog } from "@bellmouth/log-fs"
import { createLiveHandler } from "bellmouth"
import { appendLeg } from "./append-leg.ts"
import type { Random } from "./random.ts"
import { RestartableServer } from "./restartable-server.ts"
import { webhookTrickle } from "./trickle-source.ts"
import type { WebhookExamples } from "./webhook-events.ts"

export interface StayUpOptions {
  readonly port: number
  readonly examples: WebhookExamples
  readonly random: Random
  readonly signal: AbortSignal
}

const hosts = ["localhost", "127.0.0.1", "[::1]"]
const downMs = 2_000

/** Serves the page and appends a trickle of events until the signal aborts. */
export async function stayUp(log: FsLog, options: StayUpOptions): Promise<void> {
  const { examples, port, random, signal } = options
  const handler = await createLiveHandler(log, { title: "GitHub webhooks", hosts })
  await using server = await RestartableServer.start(handler, port)
  console.log(`\nThe log, live: ${server.url}   (Ctrl-C ends)`)
  if (process.stdin.isTTY) restartOnEnter(server, signal)
  try {
    await appendLeg(webhookTrickle(examples, await log.tail(), random, signal), log, signal)
    throw new Error("Cannot go on: the trickle of events has ended, and nothing ended it")
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

function restartOnEnter(server: RestartableServer, signal: AbortSignal): void {
  console.log("Enter restarts the server: the page goes on without a gap")
  const lines = createInterface({ input: process.stdin, signal })
  lines.on("line", () => {
    console.log(`The server is down for ${downMs / 1000} s; the log goes on growing`)
    server.restart(downMs).then(
      () => console.log(`The server is back at ${server.url}`),
      (error: unknown) => console.error(error),
    )
  })
}

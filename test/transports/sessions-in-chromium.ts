import { connect, type Transport } from "@bellmouth/mux"
import { messagePortTransport, webSocketTransport } from "@bellmouth/mux/transports"
import { serveSessions } from "./serve-sessions.ts"
import { type Claimed, claimOf } from "./session-claims.ts"

/** A worker's own scope is a port, which the types of a page do not know. */
const isWorker = typeof document === "undefined"

/** What became of one claim about a session between this page and a peer. */
export interface SessionResult extends Claimed {
  readonly over: string
}

/** Puts the claims to a session with a server, whose address is `args[0]`, and to one with a worker. */
export async function main(
  emit: (value: SessionResult) => void,
  args: readonly string[],
): Promise<void> {
  const [url = ""] = args
  const worker = new Worker("/module.mjs", { type: "module" })
  const peers: Readonly<Record<string, Transport>> = {
    "a WebSocket to Node": webSocketTransport(new WebSocket(url)),
    "a port to a worker": messagePortTransport(worker),
  }
  for (const [over, transport] of Object.entries(peers)) {
    await claimOf(connect(transport), (claimed) => emit({ over, ...claimed }))
  }
  worker.terminate()
}

if (isWorker && Reflect.get(globalThis, "DedicatedWorkerGlobalScope") !== undefined) {
  serveSessions(messagePortTransport(globalThis as unknown as Worker))
}

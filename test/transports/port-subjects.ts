import { messagePortTransport } from "@bellmouth/mux/transports"
import { globalOf, type RuntimeSubjects } from "./runtime-subjects.ts"

/** `MessageChannel`, with both ends in this thread. */
export function portSubjects(): RuntimeSubjects {
  if (globalOf("MessageChannel") === undefined) return {}
  return {
    MessageChannel: {
      supports: {
        halfClose: true,
        abort: true,
        maxUnreadBytes: 1_000_000,
        lose: false,
        remains: false,
      },
      async connect() {
        const { port1, port2 } = new MessageChannel()
        return {
          first: messagePortTransport(port1),
          second: messagePortTransport(port2, { transfer: true }),
          // Some claims end with the connection open, and a port keeps Node running.
          dispose: () => port1.close(),
        }
      },
    },
  }
}

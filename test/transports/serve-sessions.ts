import { type Channel, connect, MuxError, type Session, type Transport } from "@bellmouth/mux"

/** The other side of the claims: what a channel does is the first byte of its metadata. */
export function serveSessions(transport: Transport): Session {
  const session = connect(transport)
  session.handle((body) => body.toReversed())
  session.serve((channel) => behaviours[channel.metadata[0] ?? 0]?.(channel))
  return session
}

const behaviours: readonly ((channel: Channel) => Promise<void>)[] = [
  function echo({ readable, writable }) {
    return readable.pipeTo(writable)
  },
  async function stall({ finished, signal }) {
    await new Promise<void>((resolve) => {
      signal.addEventListener("abort", () => resolve())
      finished.catch(() => {})
    })
  },
  async function flood({ writable }) {
    const writer = writable.getWriter()
    for (;;) await writer.write(new Uint8Array(1000))
  },
  async function refuse({ readable }) {
    const reader = readable.getReader()
    await reader.read()
    await reader.cancel(new MuxError("APPLICATION", "The shop is shut", { wireCode: 300 }))
  },
]

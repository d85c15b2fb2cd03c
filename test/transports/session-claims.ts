import type { Session } from "@bellmouth/mux"

/** What became of one claim about a session. */
export interface Claimed {
  readonly claim: string
  readonly error: string
}

const MEGABYTE = 1_000_000

/** What can be seen of a session whose other side is `serveSessions`. */
const claims: Readonly<Record<string, (session: Session) => Promise<void>>> = {
  async "echoes a request"(session) {
    const reply = await session.request(Uint8Array.of(1, 2, 3))
    if (reply.join() !== "3,2,1") throw new Error(`The reply is ${reply.join()}`)
  },
  async "carries 1 MB both ways"(session) {
    const channel = session.open(Uint8Array.of(0))
    const writer = channel.writable.getWriter()
    const writing = (async () => {
      for (let n = 0; n < 20; n++) await writer.write(new Uint8Array(MEGABYTE / 20).fill(n))
      await writer.close()
    })()
    let bytes = 0
    let sum = 0
    for await (const chunk of channel.readable) {
      bytes += chunk.length
      for (const byte of chunk) sum += byte
    }
    await writing
    if (bytes !== MEGABYTE || sum !== 9.5 * MEGABYTE) throw new Error(`${bytes} bytes came, ${sum}`)
  },
  async "stops a writer whose reader has stopped, and no other channel"(session) {
    const channel = session.open(Uint8Array.of(1)) // it is not read
    const writer = channel.writable.getWriter()
    let accepted = 0
    const writing = (async () => {
      for (;;) {
        await writer.write(new Uint8Array(10_000))
        accepted += 10_000
      }
    })()
    const ended = writing.catch(() => {})
    for (let n = 0; n < 200; n++) await session.request(Uint8Array.of(n))
    await writer.abort()
    await ended
    // A window there, and what may wait for the transport here.
    if (accepted < 200_000 || accepted > 800_000) throw new Error(`${accepted} bytes were accepted`)
  },
  async "cancels, and is cancelled with the reason"(session) {
    const mine = session.open(Uint8Array.of(2)) // it writes for ever
    const reader = mine.readable.getReader()
    await reader.read()
    await reader.cancel()
    await mine.finished.catch(() => {})
    const theirs = session.open(Uint8Array.of(3)) // it cancels at the first chunk
    const writer = theirs.writable.getWriter()
    writer.write(Uint8Array.of(1)).catch(() => {})
    const reason: unknown = await writer.closed.catch((error: unknown) => error)
    if (!(reason instanceof Error) || reason.message !== "The shop is shut") {
      throw new Error(`It was cancelled with ${String(reason)}`)
    }
  },
  async "carries 100 channels at once"(session) {
    const sizes = Array.from({ length: 100 }, async (_unused, n) => {
      const channel = session.open(Uint8Array.of(0))
      const writer = channel.writable.getWriter()
      void writer.write(new Uint8Array(1000 + n))
      void writer.close()
      let bytes = 0
      for await (const chunk of channel.readable) bytes += chunk.length
      if (bytes !== 1000 + n) throw new Error(`Channel ${n} gave ${bytes} bytes`)
    })
    await Promise.all(sizes)
  },
  async closes(session) {
    await session.close()
  },
}

/** Puts each claim to a session, of which the last ends it. */
export async function claimOf(session: Session, emit: (claimed: Claimed) => void): Promise<void> {
  for (const [claim, check] of Object.entries(claims)) {
    const error = await check(session).then(
      () => "",
      (reason: unknown) => String(reason),
    )
    emit({ claim, error })
  }
}

import { check } from "./conformance-error.ts"
import { patternBytes, readEnd, readPattern, times, writePattern } from "./pattern.ts"
import type { TransportClaim } from "./transport-subject.ts"

const KIB = 1024
/** Cuts that have been got wrong: none, one, a frame's header, a page, a megabyte, and no power of 2. */
const SIZES = [1, 0, 7, 8, 9, 0, 4096, 65_535, 65_536, 65_537, KIB * KIB, 1, 999_983]
const CHUNK = 64 * KIB
/** So many looks without progress, each after a pause, count as rest. */
const QUIET_LOOKS = 12
const LOOK_MS = 10

export const flowClaims: readonly TransportClaim[] = [
  {
    name: "bytes arrive in order, whatever the sizes of the chunks, both ways",
    async test({ first, second }) {
      for (const [from, to] of [
        [first, second],
        [second, first],
      ] as const) {
        const writer = from.writable.getWriter()
        const reader = to.readable.getReader()
        const total = SIZES.reduce((sum, size) => sum + size)
        const [written] = await Promise.all([
          writePattern(writer, SIZES),
          readPattern(reader, total),
        ])
        check(written === total, "everything was written")
        writer.releaseLock()
        reader.releaseLock()
      }
    },
  },
  {
    name: "1,000 small chunks arrive, written without waiting",
    async test({ first, second }) {
      const writer = first.writable.getWriter()
      let at = 0
      const writes: Promise<void>[] = []
      for (let n = 0; n < 1000; n++) {
        writes.push(writer.write(patternBytes(at, n % 37)))
        at += n % 37
      }
      await Promise.all([...writes, readPattern(second.readable.getReader(), at)])
    },
  },
  {
    name: "both directions run at once",
    async test({ first, second }) {
      const [there, back] = [times(40, 50_000), times(2000, 1000)]
      const total = 2_000_000
      await Promise.all([
        writePattern(first.writable.getWriter(), there, 1),
        writePattern(second.writable.getWriter(), back, 2),
        readPattern(second.readable.getReader(), total, 1),
        readPattern(first.readable.getReader(), total, 2),
      ])
    },
  },
  {
    name: "a byte arrives without another behind it",
    async test({ first, second }) {
      const [ping, pong] = [first.writable.getWriter(), second.writable.getWriter()]
      const [here, there] = [first.readable.getReader(), second.readable.getReader()]
      for (let round = 0; round < 20; round++) {
        await Promise.all([ping.write(patternBytes(0, 1)), readPattern(there, 1)])
        await Promise.all([pong.write(patternBytes(0, 1)), readPattern(here, 1)])
      }
    },
  },
  {
    name: "a peer that does not read stops the writer within the bound, and nothing is lost",
    skip: ({ maxUnreadBytes }) =>
      maxUnreadBytes === false ? "the platform gives the receiver no backpressure" : undefined,
    async test({ first, second }, { maxUnreadBytes }) {
      check(maxUnreadBytes !== false, "the transport has a bound")
      const chunks = Math.ceil(maxUnreadBytes / CHUNK) + 8
      let taken = 0
      const writer = first.writable.getWriter()
      const writing = (async () => {
        for (let n = 0; n < chunks; n++) {
          await writer.write(patternBytes(n * CHUNK, CHUNK))
          taken += CHUNK
        }
        await writer.close()
      })()
      // A writer that is stopped shows by standing still; one that is not, by being done.
      for (let quiet = 0, seen = 0; quiet < QUIET_LOOKS && taken < chunks * CHUNK; ) {
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
        quiet = taken === seen ? quiet + 1 : 0
        seen = taken
      }
      check(taken <= maxUnreadBytes, `at most ${maxUnreadBytes} bytes are taken; ${taken} were`)
      const reader = second.readable.getReader()
      await Promise.all([writing, readPattern(reader, chunks * CHUNK)])
      await readEnd(reader)
    },
  },
]

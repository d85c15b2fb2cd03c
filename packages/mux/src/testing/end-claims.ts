import { check, rejection } from "./conformance-error.ts"
import { patternBytes, readEnd, readPattern, times, writePattern } from "./pattern.ts"
import type { TransportClaim, TransportSupports } from "./transport-subject.ts"

const withHalfClose = ({ halfClose }: TransportSupports): string | undefined =>
  halfClose ? undefined : "the end of one direction is the end of both"
const withoutHalfClose = ({ halfClose }: TransportSupports): string | undefined =>
  halfClose ? "each direction ends alone" : undefined

export const endClaims: readonly TransportClaim[] = [
  {
    name: "what was written before close() arrives before the end",
    async test({ first, second }) {
      const writer = first.writable.getWriter()
      const reader = second.readable.getReader()
      const sizes = [10, 100_000, 300_000, 3]
      const reading = readPattern(reader, 400_013).then(() => readEnd(reader))
      await writePattern(writer, sizes)
      await Promise.all([writer.close(), reading, reader.closed])
    },
  },
  {
    name: "a connection that nothing was sent on ends",
    async test({ first, second }) {
      const reader = second.readable.getReader()
      await Promise.all([first.writable.close(), readEnd(reader)])
      await Promise.all([
        second.writable.close().catch(() => {}),
        readEnd(first.readable.getReader()),
      ])
    },
  },
  {
    name: "a direction that has ended leaves the other one open",
    skip: withHalfClose,
    async test({ first, second }) {
      await Promise.all([first.writable.close(), readEnd(second.readable.getReader())])
      const [writer, reader] = [second.writable.getWriter(), first.readable.getReader()]
      await Promise.all([writePattern(writer, [1, 500_000]), readPattern(reader, 500_001)])
      await Promise.all([writer.close(), readEnd(reader)])
    },
  },
  {
    name: "close() ends both directions, and fails what the peer still writes",
    skip: withoutHalfClose,
    async test({ first, second }) {
      const [writer, reader] = [second.writable.getWriter(), first.readable.getReader()]
      const failed = rejection(writer.closed, "the peer's writable fails")
      await Promise.all([first.writable.close(), readEnd(second.readable.getReader())])
      await readEnd(reader)
      check((await failed) instanceof Error, "the peer's writable fails with an Error")
      await rejection(writer.write(patternBytes(0, 1)), "a write after the end is refused")
    },
  },
  {
    name: "a write after close() is refused",
    async test({ first, second }) {
      const writer = first.writable.getWriter()
      const closed = writer.close()
      // A rejection with a TypeError by the standard; Node may throw an error of its own.
      const late = (async () => writer.write(patternBytes(0, 1)))()
      const reason = await rejection(late, "a late write is refused")
      check(reason instanceof Error, "a late write is refused with an Error")
      await Promise.all([closed, readEnd(second.readable.getReader())])
    },
  },
  {
    name: "cancel() discards what comes and leaves the writable open",
    async test({ first, second }) {
      const reader = second.readable.getReader()
      await first.readable.cancel(new Error("enough"))
      const sink = second.writable.getWriter()
      await writePattern(sink, times(40, 65_536))
      const writer = first.writable.getWriter()
      await Promise.all([writePattern(writer, [5, 200_000]), readPattern(reader, 200_005)])
      await Promise.all([writer.close(), readEnd(reader)])
    },
  },
  {
    name: "cancel() after close() lets go of the connection, and the peer's writer does not wait",
    async test({ first, second }) {
      const reader = second.readable.getReader()
      await Promise.all([first.writable.close(), first.readable.cancel(), readEnd(reader)])
      const writer = second.writable.getWriter()
      // It may take them or fail; it must do one of the two, and then it is over.
      await writePattern(writer, times(64, 65_536)).catch(() => {})
      await writer.close().catch(() => {})
    },
  },
  {
    name: "when both directions are over nothing is left behind",
    skip: ({ remains }) => (remains ? undefined : "the subject has no remains()"),
    async test({ first, second, remains }) {
      check(remains !== undefined, "the subject has remains()")
      check(remains().length > 0, "remains() sees something while the connection is open")
      const readers = [second.readable.getReader(), first.readable.getReader()] as const
      const writer = first.writable.getWriter()
      await Promise.all([writePattern(writer, [1, 700_000]), readPattern(readers[0], 700_001)])
      await Promise.all([writer.close(), readEnd(readers[0])])
      await Promise.all([second.writable.close().catch(() => {}), readEnd(readers[1])])
      // What the platform tells us last may come a little later.
      for (let look = 0; look < 200 && remains().length > 0; look++) {
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
      check(remains().length === 0, `nothing is left; ${remains().join(", ")} is`)
    },
  },
]

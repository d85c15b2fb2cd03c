import { check, rejection } from "./conformance-error.ts"
import { patternBytes, readPattern, times, writePattern } from "./pattern.ts"
import type { TransportClaim, TransportSupports } from "./transport-subject.ts"

/** Reads to an error: an end would let a part pass for the whole. */
async function readError(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<unknown> {
  const reading = (async () => {
    while (!(await reader.read()).done);
  })()
  return rejection(reading, "the readable fails and does not end")
}

/** Reads to whatever tells that the peer is gone. */
async function readBreak(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  { abort }: TransportSupports,
): Promise<void> {
  const error = readError(reader)
  if (abort) check((await error) instanceof Error, "the peer's readable fails with an Error")
  else await error.catch(() => {})
}

export const faultClaims: readonly TransportClaim[] = [
  {
    name: "abort() fails both directions at both ends, ours with its reason",
    async test({ first, second }, supports) {
      const reason = { why: "planted" }
      const [here, there] = [first.readable.getReader(), second.readable.getReader()]
      const theirs = second.writable.getWriter()
      const theirEnd = theirs.closed.then(
        () => undefined,
        (error: unknown) => error,
      )
      const writer = first.writable.getWriter()
      await Promise.all([writePattern(writer, [1000]), readPattern(there, 1000)])
      const broken = Promise.all([readError(here), readBreak(there, supports)])
      await writer.abort(reason)
      const [ours] = await broken
      check(ours === reason, "the readable beside it fails with the same reason")
      // Where an abort looks like an end, the next bytes find out.
      if (!supports.abort) await writePattern(theirs, times(64, 65_536)).catch(() => {})
      check((await theirEnd) instanceof Error, "the peer's writable fails with an Error")
    },
  },
  {
    name: "abort() does not wait for a write that has no room",
    skip: ({ maxUnreadBytes }) =>
      maxUnreadBytes === false ? "no write is ever without room" : undefined,
    async test({ first, second }, supports) {
      const reason = { why: "planted" }
      const writer = first.writable.getWriter()
      const chunks = Math.ceil(Number(supports.maxUnreadBytes) / 65_536) + 8
      const writes = Array.from({ length: chunks }, (_, n) => writer.write(patternBytes(n, 65_536)))
      const last = rejection(Promise.all(writes), "what was not sent is rejected")
      await writes[0]
      await writer.abort(reason)
      check((await last) === reason, "what was not sent is rejected with the reason")
      await readBreak(second.readable.getReader(), supports)
    },
  },
  {
    name: "a lost connection fails both ends, after what came before",
    skip: ({ lose }) => (lose ? undefined : "the subject has no lose()"),
    async test({ first, second, lose }) {
      check(lose !== undefined, "the subject has lose()")
      const [here, there] = [first.readable.getReader(), second.readable.getReader()]
      const writer = first.writable.getWriter()
      const failed = rejection(writer.closed, "the writable fails")
      await Promise.all([writePattern(writer, [70_000]), readPattern(there, 70_000)])
      const errors = Promise.all([readError(here), readError(there)])
      lose()
      for (const error of await errors) check(error instanceof Error, "it fails with an Error")
      check((await failed) instanceof Error, "the writable fails with an Error")
      await rejection(writer.write(patternBytes(0, 1)), "a write after the loss is refused")
    },
  },
  {
    name: "a chunk that is not bytes is refused and breaks the connection off",
    async test({ first, second }, supports) {
      const writer = first.writable.getWriter()
      const broken = readBreak(second.readable.getReader(), supports)
      // Only what TypeScript keeps callers from doing can show this.
      const text = "text" as unknown as Uint8Array
      const reason = await rejection(writer.write(text), "a write of text is refused")
      check(reason instanceof TypeError, "a write of text is refused with a TypeError")
      await broken
    },
  },
]

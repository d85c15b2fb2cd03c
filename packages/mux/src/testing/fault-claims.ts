import { check, rejection } from "./conformance-error.ts"
import { patternBytes, readPattern, writePattern } from "./pattern.ts"
import type { TransportClaim } from "./transport-subject.ts"

/** Reads to an error: an end would let a part pass for the whole. */
async function readError(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<unknown> {
  const reading = (async () => {
    while (!(await reader.read()).done);
  })()
  return rejection(reading, "the readable fails and does not end")
}

export const faultClaims: readonly TransportClaim[] = [
  {
    name: "abort() fails both directions at both ends, ours with its reason",
    async test({ first, second }) {
      const reason = { why: "planted" }
      const [here, there] = [first.readable.getReader(), second.readable.getReader()]
      const theirs = second.writable.getWriter()
      const theirEnd = rejection(theirs.closed, "the peer's writable fails")
      const writer = first.writable.getWriter()
      await Promise.all([writePattern(writer, [1000]), readPattern(there, 1000)])
      const errors = Promise.all([readError(here), readError(there)])
      await writer.abort(reason)
      const [ours, peers] = await errors
      check(ours === reason, "the readable beside it fails with the same reason")
      check(peers instanceof Error, "the peer's readable fails with an Error")
      check((await theirEnd) instanceof Error, "the peer's writable fails with an Error")
    },
  },
  {
    name: "abort() does not wait for a write that has no room",
    skip: ({ maxUnreadBytes }) =>
      maxUnreadBytes === false ? "no write is ever without room" : undefined,
    async test({ first, second }, { maxUnreadBytes }) {
      const reason = { why: "planted" }
      const writer = first.writable.getWriter()
      const chunks = Math.ceil(Number(maxUnreadBytes) / 65_536) + 8
      const writes = Array.from({ length: chunks }, (_, n) => writer.write(patternBytes(n, 65_536)))
      const last = rejection(Promise.all(writes), "what was not sent is rejected")
      await writer.abort(reason)
      check((await last) === reason, "what was not sent is rejected with the reason")
      await readError(second.readable.getReader())
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
    async test({ first, second }) {
      const writer = first.writable.getWriter()
      const there = second.readable.getReader()
      const failed = readError(there)
      // Only what TypeScript keeps callers from doing can show this.
      const text = "text" as unknown as Uint8Array
      const reason = await rejection(writer.write(text), "a write of text is refused")
      check(reason instanceof TypeError, "a write of text is refused with a TypeError")
      check((await failed) instanceof Error, "the peer's readable fails with an Error")
    },
  },
]

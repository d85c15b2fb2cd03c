import type { AppendInput } from "../log.ts"
import { check, checkEqual } from "./check.ts"
import type { Claim } from "./conformance-case.ts"
import { appendAll, bytes, collect, replayed } from "./records.ts"

const chunks: readonly AppendInput[] = Array.from({ length: 40 }, (_, n) =>
  n % 5 === 0 ? [bytes(`${n}/0`), bytes(n % 10 === 0 ? "\n" : "")] : bytes(`${n}`),
)

export const identityClaims: readonly Claim[] = [
  {
    name: "the log can do what its backend declares",
    async test({ log, supports }) {
      checkEqual(log.supports, supports, "what log.supports says")
    },
  },
  {
    name: "two logs have two identities",
    async test({ log, another }) {
      check(log.id !== "" && log.id !== (await another()).id, "the identities differ")
    },
  },
  {
    name: "the same chunks give the same offsets and the same bytes, however they were committed",
    async test({ log, another }) {
      const together = await appendAll(log, chunks)
      const alone = await another()
      const each = []
      for (const chunk of chunks) each.push(...(await appendAll(alone, [chunk])))
      checkEqual(each, together, "the acknowledgements")
      checkEqual(await replayed(alone), await replayed(log), "the records")
      const [left, right] = [
        await collect(log.replayBatches()),
        await collect(alone.replayBatches()),
      ]
      const join = (parts: typeof left) => parts.flatMap((batch) => [...batch.bytes])
      checkEqual(join(left), join(right), "the bytes of the array view, joined")
    },
  },
  {
    name: "a log opened again has its identity, its records and its tail, and goes on",
    needs: "reopen",
    async test({ log, reopen }) {
      await appendAll(log, chunks)
      const [id, tail, read] = [log.id, await log.tail(), await replayed(log)]
      const again = await reopen()
      checkEqual(again.id, id, "the identity")
      checkEqual(await again.tail(), tail, "the tail")
      checkEqual(await replayed(again), read, "the records")
      const [ack] = await appendAll(again, [bytes("more")])
      checkEqual(ack?.offset, tail, "the next offset")
      checkEqual(await replayed(again, { from: tail }), [`${tail}:more`], "the next record")
      const third = await reopen()
      checkEqual(await third.tail(), tail + 1, "the tail after a second reopening")
    },
  },
]

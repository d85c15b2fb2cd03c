import { checkCode, checkEqual, later, turns } from "./check.ts"
import type { Claim } from "./conformance-case.ts"
import { appendAll, appendEach, bytes, collect, refusal, replayed, show, take } from "./records.ts"

const three = ["a", "b", "c"].map(bytes)
const shown = ["0:a", "1:b", "2:c"]

/** What a log shows that is opened while another has it open, as in another process. */
export const besideClaims: readonly Claim[] = [
  {
    name: "who opens the log beside another sees the same log, and follows it",
    needsBeside: true,
    async test({ log, beside }) {
      await appendEach(log, three)
      const other = await beside()
      checkEqual(other.id, log.id, "the identity")
      checkEqual(await replayed(other), shown, "the records")
      const reader = other.replay({ follow: true }).getReader()
      await take(reader, 3)
      const next = later(reader.read())
      await turns()
      await appendAll(log, [bytes("d")])
      const { value } = await next
      checkEqual(value === undefined ? "" : show(value), "3:d", "what was appended meanwhile")
      await reader.cancel()
    },
  },
  {
    name: "who follows the log beside another gets every record, and closes when it is sealed",
    needs: "seal",
    needsBeside: true,
    async test({ log, beside }) {
      const other = await beside()
      const follower = later(replayed(other, { follow: true }))
      const batches = later(collect(other.replayBatches({ follow: true })))
      await appendEach(log, three)
      checkEqual(await other.sealed(), false, "sealed() beside, before")
      await log.seal()
      checkEqual(await follower, shown, "what the follower saw")
      const counted = (await batches).reduce((sum, { count }) => sum + count, 0)
      checkEqual(counted, 3, "what the follower of batches saw")
      checkEqual(await other.sealed(), true, "sealed() beside")
      checkEqual(await replayed(other, { from: "tail", follow: true }), [], "a late follower")
    },
  },
  {
    name: "two writers append to one log, and each sees what the other has stored",
    needs: "manyWriters",
    needsBeside: true,
    async test({ log, beside }) {
      const other = await beside()
      for (const writer of [log, other, log, other]) await appendAll(writer, three)
      const wanted = Array.from({ length: 12 }, (_, n) => `${n}:${"abc"[n % 3]}`)
      for (const reader of [log, other]) {
        checkEqual(await replayed(reader), wanted, "the records")
        checkEqual<number>(await reader.tail(), 12, "the tail")
      }
      const many = Array.from({ length: 40 }, (_, n) => bytes(`${n}`))
      const acks = await Promise.all([appendEach(log, many), appendEach(other, many)])
      const offsets = acks.flat().map(({ offset }): number => offset)
      const sorted = offsets.sort((left, right) => left - right)
      const all = Array.from({ length: 80 }, (_, n) => 12 + n)
      checkEqual(sorted, all, "the offsets of two writers at the same time")
    },
  },
  {
    name: "a writer of a log that another has sealed is refused with SEALED, and is not poisoned",
    needs: ["seal", "manyWriters"],
    needsBeside: true,
    async test({ log, beside }) {
      const other = await beside()
      await appendAll(other, three)
      await log.seal()
      for (let time = 0; time < 2; time++) {
        const reason = await refusal(other, bytes("late"))
        checkCode(reason, "SEALED", "the append")
      }
      checkEqual<number>(await other.seal(), 3, "the final tail, by the other writer")
      checkEqual(await replayed(other, { follow: true }), shown, "the records")
    },
  },
]

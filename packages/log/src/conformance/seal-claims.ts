import { toOffset } from "../offset.ts"
import { check, checkCode, checkEqual, later, rejection, turns } from "./check.ts"
import type { Claim } from "./conformance-case.ts"
import {
  appendAll,
  appendEach,
  bytes,
  collect,
  refusal,
  refused,
  replayed,
  send,
} from "./records.ts"

const three = ["a", "b", "c"].map(bytes)

export const sealClaims: readonly Claim[] = [
  {
    name: "seal() stores what was accepted, gives the final tail, and refuses what comes later",
    needs: "seal",
    async test({ log }) {
      checkEqual(await log.sealed(), false, "sealed() of a new log")
      const { readable, writable } = log.append()
      const writer = writable.getWriter()
      const acks = later(collect(readable).catch((reason: unknown) => reason))
      for (const record of three) await writer.write(record)
      const sealing = log.seal()
      const late = later(rejection(writer.write(bytes("late")), "a write after seal()"))
      checkEqual<number>(await sealing, 3, "the final tail")
      checkCode(await late, "SEALED", "the late write")
      checkCode(await acks, "SEALED", "the acknowledgements of a pipe with a late write")
      await rejection(writer.closed, "closed")
      checkEqual(await log.sealed(), true, "sealed() after seal()")
      checkEqual<number>(await log.tail(), 3, "the tail")
      const other = log.writable().getWriter()
      const reason = await rejection(other.write(bytes("later")), "a write to a sealed log")
      checkCode(reason, "SEALED", "the later write")
      const told = reason instanceof Error && "offset" in reason && reason.offset === 3
      check(told, "the final tail is told")
      await rejection(other.closed, "closed")
      checkEqual(await replayed(log), ["0:a", "1:b", "2:c"], "the records")
    },
  },
  {
    name: "a log that is sealed again, or twice at once, has the tail it had",
    needs: "seal",
    async test({ log }) {
      await appendAll(log, three)
      const both = await Promise.all([log.seal(), log.seal()])
      checkEqual<readonly number[]>(both, [3, 3], "the final tails")
      checkEqual<number>(await log.seal(), 3, "the final tail, asked again")
    },
  },
  {
    name: "a pipe that was open when the log was sealed is closed as ever",
    needs: "seal",
    async test({ log }) {
      const { readable, writable } = log.append()
      const acks = later(collect(readable))
      const writer = writable.getWriter()
      for (const record of three) await writer.write(record)
      await log.seal()
      await writer.close()
      checkEqual((await acks).length, 3, "the acknowledgements")
    },
  },
  {
    name: "followers of a log that is sealed get every record, and then close",
    needs: "seal",
    async test({ log }) {
      const early = [{ from: "start" }, { from: "tail" }] as const
      const waiting = early.map((options) => later(replayed(log, { ...options, follow: true })))
      const batches = later(collect(log.replayBatches({ follow: true })))
      await turns()
      await appendEach(log, three)
      const last = later(appendAll(log, three))
      await turns()
      await log.seal()
      await last
      checkEqual(await log.sealed(), true, "sealed()")
      const all = ["0:a", "1:b", "2:c", "3:a", "4:b", "5:c"]
      for (const seen of waiting) checkEqual(await seen, all, "what a follower saw")
      const counted = (await batches).reduce((sum, { count }) => sum + count, 0)
      checkEqual(counted, 6, "what a follower of batches saw")
      const late = await replayed(log, { from: toOffset(4), follow: true })
      checkEqual(late, all.slice(4), "what a follower saw that came after the seal")
      const atEnd = await replayed(log, { from: "tail", follow: true })
      checkEqual(atEnd, [], "what a follower saw that began at the final tail")
    },
  },
  {
    name: "an empty log can be sealed",
    needs: "seal",
    async test({ log }) {
      const follower = later(replayed(log, { follow: true }))
      checkEqual<number>(await log.seal(), 0, "the final tail")
      checkEqual(await log.sealed(), true, "sealed()")
      checkEqual(await follower, [], "what a follower saw")
      const reason = await refusal(log, bytes("late"))
      checkCode(reason, "SEALED", "the append")
    },
  },
  {
    name: "a sealed log can be trimmed",
    needs: ["seal", "trim"],
    async test({ log }) {
      await appendAll(log, three)
      await log.seal()
      await log.trim(toOffset(2))
      checkEqual(await log.sealed(), true, "sealed() after a trim")
      checkEqual(await replayed(log, { follow: true }), ["2:c"], "the records")
      await log.trim(toOffset(3))
      checkEqual(await log.sealed(), true, "sealed() after another trim")
      checkEqual(await replayed(log, { follow: true }), [], "the records after another trim")
    },
  },
  {
    name: "a sealed log acknowledges what a producer sends again, and takes nothing new from it",
    needs: ["seal", "producers"],
    async test({ log }) {
      const producer = { id: "till", epoch: 0 }
      await send(log, producer, three)
      await log.seal()
      const again = await send(log, producer, three)
      const seen = again.map(({ offset, repeated }) => [offset, repeated])
      const wanted = three.map((_, offset) => [offset, true])
      checkEqual<unknown>(seen, wanted, "the acknowledgements")
      const reason = await refused(log, { ...producer, sequence: 3 }, bytes("new"))
      checkCode(reason, "SEALED", "a new batch")
      checkEqual(await replayed(log), ["0:a", "1:b", "2:c"], "the records")
    },
  },
  {
    name: "a seal is there after reopening",
    needs: ["seal", "reopen"],
    async test({ log, reopen }) {
      await appendEach(log, three)
      await log.seal()
      for (let time = 0; time < 2; time++) {
        const again = await reopen()
        checkEqual(await again.sealed(), true, "sealed() of the log opened again")
        checkEqual(await replayed(again, { follow: true }), ["0:a", "1:b", "2:c"], "the records")
        const reason = await refusal(again, bytes("late"))
        checkCode(reason, "SEALED", "the append")
        checkEqual<number>(await again.seal(), 3, "the final tail, asked again")
      }
    },
  },
]

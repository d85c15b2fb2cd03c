import { toOffset } from "../offset.ts"
import { check, checkCode, checkEqual, rejection } from "./check.ts"
import type { Claim } from "./conformance-case.ts"
import { appendAll, appendEach, bytes, collect, replayed } from "./records.ts"

const twenty = Array.from({ length: 20 }, (_, n) => bytes(`record ${n}`))
const shown = (from: number, to = 20): string[] =>
  Array.from({ length: to - from }, (_, n) => `${from + n}:record ${from + n}`)

export const trimClaims: readonly Claim[] = [
  {
    name: "trim() gives up the records before an offset, and offsets stay as they are",
    needs: "trim",
    async test({ log }) {
      await appendEach(log, twenty)
      checkEqual(await log.start(), 0, "the start of a log that was not trimmed")
      for (const [before, start] of [
        [0, 0],
        [1, 1],
        [7, 7],
        [3, 7],
        [12, 12],
      ] as const) {
        await log.trim(toOffset(before))
        checkEqual<number>(await log.start(), start, `the start after trim(${before})`)
      }
      checkEqual(await log.tail(), 20, "the tail")
      checkEqual(await replayed(log), shown(12), "the records from the start")
      checkEqual(await replayed(log, { from: toOffset(15) }), shown(15), "the records from 15")
      checkEqual(await replayed(log, { from: { last: 99 } }), shown(12), "the last 99 records")
      const [ack] = await appendAll(log, [bytes("record 20")])
      checkEqual(ack?.offset as number | undefined, 20, "the next offset")
    },
  },
  {
    name: "a replay from before the start is OFFSET_TRIMMED, with the start",
    needs: "trim",
    async test({ log }) {
      await appendAll(log, twenty)
      await log.trim(toOffset(5))
      for (const from of [0, 4]) {
        const reason = await rejection(collect(log.replay({ from: toOffset(from) })), "a replay")
        checkCode(reason, "OFFSET_TRIMMED", "the code")
        check(
          reason instanceof Error && "offset" in reason && reason.offset === 5,
          "the start is told",
        )
      }
    },
  },
  {
    name: "a log can be trimmed to its tail, and no further",
    needs: "trim",
    async test({ log }) {
      await appendAll(log, twenty)
      const reason = await rejection(log.trim(toOffset(21)), "a trim past the tail")
      checkCode(reason, "OFFSET_OUT_OF_RANGE", "the code")
      await log.trim(toOffset(20))
      checkEqual(await replayed(log), [], "the records")
      await appendAll(log, [bytes("record 20")])
      checkEqual(await replayed(log), shown(20, 21), "the records after one more")
    },
  },
  {
    name: "a follower that was waiting goes on after a trim",
    needs: "trim",
    async test({ log }) {
      await appendAll(log, twenty)
      const follower = collect(log.replay({ from: "tail", follow: true, limit: 1 }))
      await log.trim(toOffset(20))
      await appendAll(log, [bytes("record 20")])
      checkEqual((await follower).length, 1, "what the follower saw")
    },
  },
  {
    name: "trimming is there after reopening",
    needs: "reopen",
    async test({ log, supports, reopen }) {
      if (!supports.trim) return
      await appendEach(log, twenty)
      await log.trim(toOffset(13))
      const again = await reopen()
      checkEqual(await again.start(), 13, "the start")
      checkEqual(await replayed(again), shown(13), "the records")
      await again.trim(toOffset(17))
      const third = await reopen()
      checkEqual(await replayed(third), shown(17), "the records after another trim")
    },
  },
]

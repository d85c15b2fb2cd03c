import { toOffset } from "../offset.ts"
import { checkCode, checkEqual } from "./check.ts"
import type { Claim } from "./conformance-case.ts"
import { appendAll, bytes, refused, replayed, send } from "./records.ts"

const till = { id: "till", epoch: 0 }
/** More than a log keeps of a producer. */
const MANY = 1_100

export const forkProducerClaims: readonly Claim[] = [
  {
    name: "a fork knows the producers as they were at its offset",
    needs: ["fork", "producers"],
    async test({ log, fork }) {
      const batches = [bytes("0"), [bytes("1"), bytes("2")], bytes("3"), bytes("4")]
      await send(log, till, batches)
      await send(log, { id: "late", epoch: 0 }, [bytes("5")])
      const forked = await fork(3)
      const acks = await send(forked, till, [...batches.slice(0, 2), bytes("new")])
      const seen = acks.map(({ offset, count, repeated = false }) => [offset, count, repeated])
      const wanted = [
        [0, 1, true],
        [1, 2, true],
        [3, 1, false],
      ]
      checkEqual<unknown>(seen, wanted, "the acknowledgements of the fork")
      const gap = await refused(forked, { ...till, sequence: 4 }, bytes("4"))
      checkCode(gap, "SEQUENCE_GAP", "a batch that the log has, and the fork has not")
      const [first] = await send(forked, { id: "late", epoch: 0 }, [bytes("first")])
      checkEqual<unknown>([first?.offset, first?.repeated], [4, undefined], "a later producer")
      checkEqual(await replayed(forked), ["0:0", "1:1", "2:2", "3:new", "4:first"], "the records")
    },
  },
  {
    name: "a batch that a fork's offset cuts in two is cut, and known as sent",
    needs: ["fork", "producers"],
    async test({ log, fork }) {
      const batches = [bytes("0"), [bytes("1"), bytes("2"), bytes("3")], bytes("4")]
      await send(log, till, batches)
      const forked = await fork(3)
      checkEqual(await replayed(forked), ["0:0", "1:1", "2:2"], "the records of the fork")
      const acks = await send(forked, till, [...batches.slice(0, 2), bytes("new")])
      const seen = acks.map(({ offset, repeated = false }) => [offset, repeated])
      checkEqual<unknown>(
        seen,
        [
          [0, true],
          [1, true],
          [3, false],
        ],
        "the acknowledgements of the fork",
      )
      checkEqual(await replayed(forked), ["0:0", "1:1", "2:2", "3:new"], "the records")
    },
  },
  {
    name: "a fork far back knows what the log has forgotten since",
    needs: ["fork", "producers"],
    async test({ log, fork, supports }) {
      await send(log, till, [bytes("0"), bytes("1"), bytes("2")])
      const later = Array.from({ length: MANY }, (_, n) => bytes(`${n + 3}`))
      await send(log, { ...till, sequence: 3 }, later)
      await send(log, { ...till, epoch: 1 }, [bytes("next epoch")])
      const fenced = await refused(log, { ...till, sequence: 2 }, bytes("2"))
      checkCode(fenced, "FENCED", "an earlier epoch")
      if (supports.trim) await log.trim(toOffset(2))
      const forked = await fork(3)
      const [again, next] = await send(forked, { ...till, sequence: 2 }, [bytes("2"), bytes("3")])
      checkEqual<unknown>([again?.offset, again?.repeated], [2, true], "the last batch before it")
      checkEqual<unknown>([next?.offset, next?.repeated], [3, undefined], "the next batch")
    },
  },
  {
    name: "what a fork knows of the producers is there after reopening",
    needs: ["fork", "producers", "reopen"],
    async test({ log, fork, reopen }) {
      await send(log, till, [bytes("0"), bytes("1"), bytes("2")])
      const forked = await fork(2)
      await appendAll(forked, [bytes("between")])
      const again = await reopen(forked)
      const acks = await send(again, till, [bytes("0"), bytes("1"), bytes("other 2")])
      const seen = acks.map(({ offset, repeated = false }) => [offset, repeated])
      checkEqual<unknown>(
        seen,
        [
          [0, true],
          [1, true],
          [3, false],
        ],
        "the acknowledgements",
      )
    },
  },
]

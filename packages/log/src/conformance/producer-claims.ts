import type { Ack, AppendInput } from "../log.ts"
import { check, checkCode, checkEqual } from "./check.ts"
import type { Claim } from "./conformance-case.ts"
import { appendAll, bytes, refused, replayed, send } from "./records.ts"

const till = { id: "till 4/\u00e9", epoch: 0 }
const show = (acks: readonly Ack[]): unknown[] =>
  acks.map(({ offset, count, repeated = false }) => [offset, count, repeated])

export const producerClaims: readonly Claim[] = [
  {
    name: "a batch that a producer sends again is acknowledged with its offset, and stored once",
    needs: "producers",
    async test({ log }) {
      const chunks = [bytes("a"), [bytes("b"), bytes("c\n")], bytes("d")]
      const first = await send(log, till, chunks)
      checkEqual(
        show(first),
        [
          [0, 1, false],
          [1, 2, false],
          [3, 1, false],
        ],
        "the first time",
      )
      await appendAll(log, [bytes("between")])
      const again = await send(log, till, [...chunks, bytes("e")])
      const wanted = [
        [0, 1, true],
        [1, 2, true],
        [3, 1, true],
        [5, 1, false],
      ]
      checkEqual(show(again), wanted, "the second time")
      const last = await send(log, { ...till, sequence: 3 }, [bytes("e"), bytes("f")])
      checkEqual(
        show(last),
        [
          [5, 1, true],
          [6, 1, false],
        ],
        "from a later sequence on",
      )
      const read = ["0:a", "1:b", "2:c\n", "3:d", "4:between", "5:e", "6:f"]
      checkEqual(await replayed(log), read, "the records")
    },
  },
  {
    name: "a batch that is sent again before it is stored is stored once",
    needs: "producers",
    async test({ log }) {
      const chunks = Array.from({ length: 20 }, (_, n) => bytes(`${n}`))
      const all = await Promise.all(Array.from({ length: 4 }, () => send(log, till, chunks)))
      for (const acks of all) {
        checkEqual(
          acks.map(({ offset }): number => offset),
          chunks.map((_, n) => n),
          "the offsets",
        )
      }
      const fresh = all.flat().filter(({ repeated }) => repeated === undefined).length
      checkEqual(fresh, 20, "how many were stored")
      checkEqual((await replayed(log)).length, 20, "how many records there are")
    },
  },
  {
    name: "a gap is SEQUENCE_GAP with the sequence that is next, and the log goes on",
    needs: "producers",
    async test({ log }) {
      await send(log, till, [bytes("a")])
      for (const [producer, next] of [
        [{ ...till, sequence: 2 }, 1],
        [{ ...till, epoch: 1, sequence: 1 }, 0],
        [{ id: "another", epoch: 0, sequence: 1 }, 0],
      ] as const) {
        const reason = await refused(log, producer, bytes("too early"))
        checkCode(reason, "SEQUENCE_GAP", "the code")
        check(reason instanceof Error && "sequence" in reason, "the next sequence is told")
        checkEqual<unknown>(reason.sequence, next, "the next sequence")
      }
      await send(log, { ...till, sequence: 1 }, [bytes("b")])
      checkEqual(await replayed(log), ["0:a", "1:b"], "the records")
    },
  },
  {
    name: "a later epoch fences the earlier, and begins at 0",
    needs: "producers",
    async test({ log }) {
      await send(log, till, [bytes("a"), bytes("b")])
      await send(log, { ...till, epoch: 3 }, [bytes("c")])
      const reason = await refused(log, { ...till, sequence: 2 }, bytes("late"))
      checkCode(reason, "FENCED", "the code")
      check(reason instanceof Error && "epoch" in reason && reason.epoch === 3, "the epoch is told")
      const again = await send(log, { ...till, epoch: 3 }, [bytes("c"), bytes("d")])
      checkEqual(
        show(again),
        [
          [2, 1, true],
          [3, 1, false],
        ],
        "the later epoch goes on",
      )
      checkEqual(await replayed(log), ["0:a", "1:b", "2:c", "3:d"], "the records")
    },
  },
  {
    name: "a repeat older than the last 1,024 batches is DUPLICATE; those are known by offset",
    needs: "producers",
    async test({ log }) {
      const chunks = Array.from({ length: 1_030 }, (_, n) => bytes(`${n}`))
      await send(log, till, chunks)
      checkCode(await refused(log, { ...till, sequence: 5 }, bytes("5")), "DUPLICATE", "the code")
      const [known] = await send(log, { ...till, sequence: 6 }, [bytes("6")])
      checkEqual(known?.offset as number | undefined, 6, "the oldest that is known")
      checkEqual(await log.tail(), 1_030, "the tail")
    },
  },
  {
    name: "a refused chunk takes no sequence",
    needs: "producers",
    async test({ log }) {
      const wrong = [] as unknown as AppendInput
      check((await refused(log, till, wrong)) instanceof TypeError, "an empty batch is a TypeError")
      const [ack] = await send(log, till, [bytes("a")])
      checkEqual(show(ack === undefined ? [] : [ack]), [[0, 1, false]], "the acknowledgement")
    },
  },
  {
    name: "producers are known after reopening, those of long ago as well",
    needs: "reopen",
    async test({ log, supports, reopen }) {
      if (!supports.producers) return
      const old = { id: "old", epoch: 7 }
      await send(log, old, [bytes("x"), bytes("y")])
      const chunks = Array.from({ length: 200 }, (_, n) => bytes(`${n} ${"filler".repeat(n % 9)}`))
      for (let n = 0; n < chunks.length; n += 20) {
        await send(log, { ...till, sequence: n }, chunks.slice(n, n + 20))
      }
      const again = await reopen()
      const tail = await again.tail()
      checkEqual(
        show(await send(again, old, [bytes("x"), bytes("y")])),
        [
          [0, 1, true],
          [1, 1, true],
        ],
        "the old producer",
      )
      const acks = await send(again, till, chunks)
      checkEqual(
        acks.map(({ offset }): number => offset),
        chunks.map((_, n) => n + 2),
        "the offsets",
      )
      checkCode(await refused(again, { ...old, epoch: 6 }, bytes("z")), "FENCED", "an older epoch")
      checkEqual(await again.tail(), tail, "the tail")
      const next = await send(again, { ...till, sequence: 200 }, [bytes("new")])
      checkEqual(show(next), [[tail, 1, false]], "the next batch")
    },
  },
]

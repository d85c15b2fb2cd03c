import type { Ack } from "../log.ts"
import { type Offset, toOffset } from "../offset.ts"
import { check, checkCode, checkEqual, later, rejection } from "./check.ts"
import type { Claim } from "./conformance-case.ts"
import { appendAll, bytes, replayed } from "./records.ts"

const offsetOf = ({ offset }: Ack): Offset => offset

export const appendBatchClaims: readonly Claim[] = [
  {
    name: "appendBatch acknowledges a record, a batch and an entry once they are there to read",
    async test({ log }) {
      const inputs = [
        bytes("a"),
        [bytes("b"), bytes("c")],
        { offset: toOffset(9), data: bytes("d") },
      ]
      const wanted = [
        { offset: 0, count: 1 },
        { offset: 1, count: 2 },
        { offset: 3, count: 1 },
      ]
      for (const [index, input] of inputs.entries()) {
        const { offset, count } = await log.appendBatch(input)
        checkEqual<unknown>({ offset, count }, wanted[index], "the acknowledgement")
        checkEqual(await log.tail(), offset + count, "the tail")
      }
      checkEqual(await replayed(log), ["0:a", "1:b", "2:c", "3:d"], "the records")
    },
  },
  {
    name: "batches appended at the same time, and those of pipes, are stored once each, in the order of the calls",
    async test({ log }) {
      const calls = Array.from({ length: 200 }, (_, n) => log.appendBatch(bytes(`call ${n}`)))
      const piped = appendAll(log, ["x", "y", "z"].map(bytes))
      const offsets = (await Promise.all(calls)).map(offsetOf)
      checkEqual(
        offsets,
        offsets.toSorted((left, right) => left - right),
        "the order of the calls",
      )
      const all = await replayed(log)
      for (const [n, offset] of offsets.entries())
        checkEqual(all[offset], `${offset}:call ${n}`, "a record of a call")
      for (const [n, { offset }] of (await piped).entries())
        checkEqual(all[offset], `${offset}:${"xyz"[n]}`, "a record of the pipe")
      checkEqual(all.length, 203, "how many records there are")
    },
  },
  {
    name: "appendBatch waits past maxPendingBytes, and stores all in the order of the calls",
    async test({ log }) {
      const texts = Array.from({ length: 40 }, (_, n) => `${n}`)
      const call = (text: string): Promise<Ack> =>
        log.appendBatch(bytes(text), { maxPendingBytes: 10 })
      const offsets = (await Promise.all(texts.map(call))).map((ack): number => ack.offset)
      checkEqual(offsets, Array.from(texts.keys()), "the offsets")
      checkEqual(
        await replayed(log),
        texts.map((text, n) => `${n}:${text}`),
        "the records",
      )
    },
  },
  {
    name: "a batch that is refused rejects its own call only, and nothing of it is stored",
    async test({ log }) {
      const before = log.appendBatch(bytes("before"))
      const refused = {
        RECORD_TOO_LARGE: later(log.appendBatch(new Uint8Array(16_777_216))),
        TAIL_MISMATCH: later(log.appendBatch(bytes("no"), { expectedTail: toOffset(7) })),
      }
      const wrong = [
        later(log.appendBatch([])),
        later(log.appendBatch(bytes("no"), { maxPendingBytes: 0 })),
      ]
      const after = log.appendBatch(bytes("after"))
      for (const [code, call] of Object.entries(refused))
        checkCode(await rejection(call, code), code, "the code")
      for (const call of wrong) {
        const reason = await rejection(call, "a wrong argument")
        check(reason instanceof TypeError || reason instanceof RangeError, `${String(reason)}`)
      }
      checkEqual([(await before).offset, (await after).offset].map(Number), [0, 1], "the others")
      checkEqual(await replayed(log), ["0:before", "1:after"], "the records")
    },
  },
  {
    name: "of many appendBatch calls that expect one tail, one appends",
    async test({ log }) {
      for (let round = 0; round < 5; round++) {
        const expectedTail = await log.tail()
        const calls = Array.from({ length: 8 }, (_, n) =>
          log.appendBatch(bytes(`${n}`), { expectedTail }),
        )
        const results = await Promise.allSettled(calls)
        const stored = results.filter(({ status }) => status === "fulfilled").length
        checkEqual(stored, 1, "how many have appended")
        checkEqual(await log.tail(), expectedTail + 1, "the tail")
      }
    },
  },
  {
    name: "appendBatch stores once what a producer sends twice, and refuses a gap",
    needs: "producers",
    async test({ log }) {
      const send = (sequence: number): Promise<Ack> =>
        log.appendBatch([bytes(`${sequence}`)], { producer: { id: "p", epoch: 0, sequence } })
      const acks = await Promise.all([0, 0, 1, 2].map(send))
      checkEqual(
        acks.map(({ offset, repeated }) => `${offset}${repeated === true ? " again" : ""}`),
        ["0", "0 again", "1", "2"],
        "the acknowledgements",
      )
      checkCode(await rejection(send(5), "a gap"), "SEQUENCE_GAP", "the code of a gap")
      checkEqual((await send(1)).repeated, true, "a repeat, later")
      checkEqual((await send(3)).offset as number, 3, "the next")
      checkEqual(await replayed(log), ["0:0", "1:1", "2:2", "3:3"], "the records")
    },
  },
  {
    name: "appendBatch calls under way when the log closes are stored, later ones are CLOSED",
    needs: "reopen",
    async test({ log, reopen }) {
      const call = (text: string): Promise<Ack> =>
        log.appendBatch(bytes(text), { maxPendingBytes: 1 })
      const calls = ["a", "b", "c"].map(call)
      const closing = log.close()
      checkCode(await rejection(call("late"), "a call after close"), "CLOSED", "the code")
      const offsets = (await Promise.all(calls)).map((ack): number => ack.offset)
      checkEqual(offsets, [0, 1, 2], "the acknowledgements")
      await closing
      checkEqual(await replayed(await reopen()), ["0:a", "1:b", "2:c"], "the records")
    },
  },
  {
    name: "appendBatch to a sealed log is SEALED",
    needs: "seal",
    async test({ log }) {
      await log.appendBatch(bytes("a"))
      await log.seal()
      const reason = await rejection(log.appendBatch(bytes("b")), "a call after the seal")
      checkCode(reason, "SEALED", "the code")
      checkEqual(await replayed(log), ["0:a"], "the records")
    },
  },
]

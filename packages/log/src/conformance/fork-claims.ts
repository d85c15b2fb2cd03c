import { START, toOffset } from "../offset.ts"
import { check, checkCode, checkEqual, later, rejection, turns } from "./check.ts"
import type { Claim } from "./conformance-case.ts"
import { appendAll, appendEach, bytes, collect, replayed, waysToAppend } from "./records.ts"

/** Records 0 to 9, batches and lines among them. */
const chunks = [
  bytes("0"),
  [bytes("1"), bytes("2\n"), bytes("3")],
  bytes("4"),
  bytes(""),
  [bytes("6"), bytes("7"), bytes("8")],
  bytes("9"),
]
const shown = ["0:0", "1:1", "2:2\n", "3:3", "4:4", "5:", "6:6", "7:7", "8:8", "9:9"]

export const forkClaims: readonly Claim[] = [
  {
    name: "a fork has the records before its offset, and an identity of its own",
    needs: "fork",
    async test({ another, fork }) {
      for (const append of waysToAppend) {
        const origin = await another()
        await append(origin, chunks)
        for (let at = 0; at <= shown.length; at++) {
          const forked = await fork(at, origin)
          checkEqual<number>(await forked.start(), 0, `the start of the fork at ${at}`)
          checkEqual<number>(await forked.tail(), at, `the tail of the fork at ${at}`)
          checkEqual(await replayed(forked), shown.slice(0, at), `the records of the fork at ${at}`)
          check(forked.id !== origin.id, "the identities differ")
          checkEqual(forked.level, origin.level, "the level of the fork")
          checkEqual(forked.supports, origin.supports, "what the fork supports")
        }
      }
    },
  },
  {
    name: "what is appended to a log is not seen in its fork, nor the reverse",
    needs: "fork",
    async test({ log, fork }) {
      await appendEach(log, chunks)
      const left = await fork(7)
      const right = await fork(10)
      const follower = later(collect(left.replay({ from: "tail", follow: true, limit: 2 })))
      await appendEach(log, [bytes("10, log")])
      await appendEach(left, [bytes("7, left")])
      await appendAll(right, [bytes("10, right"), bytes("11, right")])
      await appendEach(left, [bytes("8, left")])
      const wanted = [...shown.slice(0, 7), "7:7, left", "8:8, left"]
      checkEqual(await replayed(log), [...shown, "10:10, log"], "the records of the log")
      checkEqual(await replayed(left), wanted, "the records of one fork")
      const other = [...shown, "10:10, right", "11:11, right"]
      checkEqual(await replayed(right), other, "the records of the other fork")
      checkEqual((await follower).length, 2, "what a follower of the fork saw")
    },
  },
  {
    name: "a fork is made while the log is appended to",
    needs: "fork",
    async test({ log, fork }) {
      await appendEach(log, chunks)
      const forking = [later(fork(10)), later(fork(4))]
      await appendEach(log, chunks)
      const [whole, part] = await Promise.all(forking)
      checkEqual(whole === undefined ? [] : await replayed(whole), shown, "the records of one fork")
      checkEqual(part === undefined ? [] : await replayed(part), shown.slice(0, 4), "of the other")
      checkEqual<number>(await log.tail(), 20, "the tail of the log")
    },
  },
  {
    name: "a fork outlives its origin, and a fork of the fork as well",
    needs: "fork",
    async test({ another, fork, remove }) {
      const origin = await another()
      await appendEach(origin, chunks)
      const child = await fork(9, origin)
      await appendAll(child, [bytes("child")])
      const grandchild = await fork(10, child)
      await remove(origin)
      checkEqual(await replayed(child), [...shown.slice(0, 9), "9:child"], "the fork's records")
      await remove(child)
      await appendAll(grandchild, [bytes("more")])
      const wanted = [...shown.slice(0, 9), "9:child", "10:more"]
      checkEqual(await replayed(grandchild), wanted, "the records of the fork's fork")
    },
  },
  {
    name: "what a log trims stays in its fork, and the reverse",
    needs: ["fork", "trim"],
    async test({ log, fork }) {
      await appendEach(log, chunks)
      const forked = await fork(8)
      await log.trim(toOffset(10))
      checkEqual(await replayed(forked), shown.slice(0, 8), "the fork's records")
      await appendAll(forked, [bytes("8!")])
      await forked.trim(toOffset(8))
      checkEqual(await replayed(forked), ["8:8!"], "the fork's records after its own trim")
      await appendAll(log, [bytes("10")])
      checkEqual(await replayed(log), ["10:10"], "the log's records")
    },
  },
  {
    name: "a fork of a trimmed log begins where the log does",
    needs: ["fork", "trim"],
    async test({ log, fork }) {
      await appendEach(log, chunks)
      await log.trim(toOffset(2))
      const forked = await fork(6)
      checkEqual<number>(await forked.start(), 2, "the start of the fork")
      checkEqual(await replayed(forked), shown.slice(2, 6), "the fork's records")
      const before = collect(forked.replay({ from: START }))
      checkCode(await rejection(before, "a replay from 0"), "OFFSET_TRIMMED", "the code")
      const empty = await fork(2)
      checkEqual(await replayed(empty), [], "the records of a fork at the start")
      const [ack] = await appendAll(empty, [bytes("2!")])
      checkEqual<number | undefined>(ack?.offset, 2, "the first offset of a fork at the start")
      checkEqual(await replayed(empty), ["2:2!"], "its records")
    },
  },
  {
    name: "a fork at an offset that the log has not is refused, and the log goes on",
    needs: ["fork", "trim"],
    async test({ log, fork }) {
      await appendAll(log, chunks)
      await log.trim(toOffset(3))
      const past = await rejection(fork(11), "a fork past the tail")
      checkCode(past, "OFFSET_OUT_OF_RANGE", "a fork past the tail")
      const trimmed = await rejection(fork(2), "a fork before the start")
      checkCode(trimmed, "OFFSET_TRIMMED", "a fork before the start")
      const wrong = await rejection(fork(-1), "a fork at no offset")
      check(wrong instanceof RangeError, `${String(wrong)} is a RangeError`)
      await appendAll(log, [bytes("10")])
      checkEqual<number>(await log.tail(), 11, "the tail")
    },
  },
  {
    name: "a fork of a sealed log is not sealed, and sealing a fork leaves the log open",
    needs: ["fork", "seal"],
    async test({ log, another, fork }) {
      await appendAll(log, chunks)
      const forked = await fork(3)
      await forked.seal()
      await appendAll(log, [bytes("10")])
      checkEqual(await log.sealed(), false, "sealed() of the log")
      const origin = await another()
      await appendAll(origin, chunks)
      await origin.seal()
      const open = await fork(10, origin)
      checkEqual(await open.sealed(), false, "sealed() of the fork")
      const follower = later(collect(open.replay({ from: "tail", follow: true, limit: 1 })))
      await turns()
      await appendAll(open, [bytes("10")])
      checkEqual((await follower).length, 1, "what a follower of the fork saw")
      checkEqual<number>(await origin.tail(), 10, "the tail of the sealed log")
    },
  },
  {
    name: "a fork is there after reopening, and so is its origin",
    needs: ["fork", "reopen"],
    async test({ log, fork, reopen }) {
      await appendEach(log, chunks)
      const forked = await fork(7)
      await appendEach(forked, [bytes("fork")])
      const [id, origin] = [forked.id, log.id]
      const again = await reopen(forked)
      checkEqual(again.id, id, "the identity of the fork")
      checkEqual(await replayed(again), [...shown.slice(0, 7), "7:fork"], "the fork's records")
      const [ack] = await appendAll(again, [bytes("more")])
      checkEqual<number | undefined>(ack?.offset, 8, "the next offset of the fork")
      const first = await reopen(log)
      checkEqual(first.id, origin, "the identity of the log")
      checkEqual(await replayed(first), shown, "the log's records")
    },
  },
]

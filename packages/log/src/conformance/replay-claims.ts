import type { LogEntry, ReplayOptions } from "../log.ts"
import { toOffset } from "../offset.ts"
import { toRecordBatch } from "../record-batch.ts"
import { check, checkCode, checkEqual, rejection, turns } from "./check.ts"
import type { Claim } from "./conformance-case.ts"
import {
  appendAll,
  appendEach,
  bytes,
  collect,
  replayed,
  show,
  take,
  waysToAppend,
} from "./records.ts"

const five = ["a", "b", "c", "d", "e"].map(bytes)

export const replayClaims: readonly Claim[] = [
  {
    name: "replay begins and ends where it is told",
    async test({ log }) {
      await appendAll(log, five.slice(0, 2))
      await appendAll(log, [five.slice(2)])
      const cases: readonly (readonly [ReplayOptions, string])[] = [
        [{}, "abcde"],
        [{ from: "start" }, "abcde"],
        [{ from: "tail" }, ""],
        [{ from: { last: 2 } }, "de"],
        [{ from: { last: 0 } }, ""],
        [{ from: { last: 99 } }, "abcde"],
        [{ from: toOffset(3) }, "de"],
        [{ from: toOffset(5) }, ""],
        [{ until: toOffset(3) }, "abc"],
        [{ from: toOffset(3), until: toOffset(2) }, ""],
        [{ until: toOffset(99) }, "abcde"],
        [{ limit: 0 }, ""],
        [{ from: toOffset(1), limit: 2 }, "bc"],
        [{ from: toOffset(3), limit: 99 }, "de"],
        [{ from: toOffset(2), until: toOffset(4), limit: 5 }, "cd"],
        [{ from: "start", limit: 4, follow: true }, "abcd"],
        [{ from: "start", until: toOffset(5), follow: true }, "abcde"],
      ]
      for (const [options, wanted] of cases) {
        const read = await collect(log.replay(options))
        const seen = read.map((entry) => new TextDecoder().decode(entry.data)).join("")
        checkEqual(seen, wanted, `replay(${JSON.stringify(options)})`)
      }
    },
  },
  {
    name: "an offset past the tail is OFFSET_OUT_OF_RANGE, with the offset",
    async test({ log }) {
      await appendAll(log, five)
      for (const follow of [false, true]) {
        const reader = log.replay({ from: toOffset(6), follow }).getReader()
        const reason = await rejection(reader.read(), "a replay past the tail")
        checkCode(reason, "OFFSET_OUT_OF_RANGE", "the code")
        check(
          reason instanceof Error && "offset" in reason && reason.offset === 6,
          "the offset is told",
        )
      }
    },
  },
  {
    name: "a wrong number among the options is a RangeError",
    async test({ log }) {
      const wrong = [
        { limit: -1 },
        { limit: 1.5 },
        { until: -1 },
        { from: Number.NaN },
        { from: { last: -1 } },
        { from: "now" },
      ]
      for (const options of wrong) {
        let seen: unknown
        try {
          log.replay(options as ReplayOptions)
        } catch (reason) {
          seen = reason
        }
        check(seen instanceof RangeError, `replay(${JSON.stringify(options)}) throws a RangeError`)
      }
    },
  },
  {
    name: "the array view holds the same records, framed as it says",
    async test({ log }) {
      await appendAll(log, [bytes("1"), bytes("2\n"), [bytes("3"), bytes("4")], bytes("")])
      const seen: string[] = []
      for (const batch of await collect(log.replayBatches({ from: toOffset(1) }))) {
        check(batch.count > 0, "no batch is empty")
        const { offset, count, framing } = batch
        const again = toRecordBatch({ offset, count, framing, bytes: batch.bytes.slice() })
        for (const entry of again) seen.push(show(entry))
        if (framing === "lines") check(batch.bytes.at(-1) === 10, "the last line ends with LF")
      }
      checkEqual(seen, await replayed(log, { from: toOffset(1) }), "the records of the batches")
    },
  },
  {
    name: "lent batches hold the same records while they are lent",
    async test({ log }) {
      for (const append of waysToAppend) await append(log, [...five, bytes("\n"), five])
      const seen: string[] = []
      const reader = log.replayBatches({ from: toOffset(1), lend: true }).getReader()
      for (;;) {
        const { done, value } = await reader.read()
        if (done) break
        for (const entry of value) seen.push(show(entry))
      }
      checkEqual(seen, await replayed(log, { from: toOffset(1) }), "the records of the batches")
    },
  },
  {
    name: "without follow, replay ends at the tail of its first read",
    async test({ log }) {
      await appendAll(log, five)
      const reader = log.replay().getReader()
      await reader.read()
      await appendAll(log, five)
      checkEqual((await take(reader, 99)).length, 4, "what follows the first record")
    },
  },
  {
    name: "a consumer may change what it has read without changing the log",
    async test({ log }) {
      await appendAll(log, five)
      for (const entry of await collect(log.replay())) entry.data.fill(0)
      checkEqual(await replayed(log), ["0:a", "1:b", "2:c", "3:d", "4:e"], "the second replay")
    },
  },
  {
    name: "a follower gets history, then what is appended, without gap or duplicate",
    async test({ log }) {
      const total = 300
      const names = Array.from({ length: total }, (_, n) => bytes(String(n)))
      const writing = (async () => {
        for (let n = 0; n < total; n += 20) {
          // In turn as many commits as records, and as few as the log makes.
          await appendEach(log, names.slice(n, n + 10))
          await appendAll(log, names.slice(n + 10, n + 20))
        }
      })()
      const followers: Promise<LogEntry[]>[] = []
      for (let n = 0; n < 8; n++) {
        const from = await log.tail()
        const reader = log.replay({ from: n % 2 === 0 ? "start" : from, follow: true }).getReader()
        const count = n % 2 === 0 ? total : total - from
        followers.push(
          take(reader, count).then(async (taken) => {
            await reader.cancel()
            return taken
          }),
        )
      }
      await writing
      for (const entries of await Promise.all(followers)) {
        const first = entries[0]?.offset ?? total
        const wanted = Array.from({ length: total - first }, (_, n) => `${first + n}:${first + n}`)
        checkEqual(entries.map(show), wanted, "what the follower saw")
      }
    },
  },
  {
    name: "a follower at the tail waits, and one append wakes it",
    async test({ log }) {
      const reader = log.replay({ from: "tail", follow: true }).getReader()
      let woken = false
      const next = reader.read().finally(() => {
        woken = true
      })
      await turns()
      check(!woken, "the follower waits while nothing is appended")
      await appendAll(log, [bytes("live")])
      checkEqual(show((await next).value as LogEntry), "0:live", "the live record")
      await reader.cancel()
    },
  },
  {
    name: "cancel() and signal end a follower that waits",
    async test({ log }) {
      const cancelled = log.replay({ follow: true }).getReader()
      const waiting = cancelled.read()
      await turns()
      await cancelled.cancel()
      checkEqual((await waiting).done, true, "the read under way when cancelled")
      const controller = new AbortController()
      const signal = controller.signal
      const reader = log.replay({ follow: true, signal }).getReader()
      const read = rejection(reader.read(), "the read under way when aborted")
      await turns()
      const reason = new Error("enough")
      controller.abort(reason)
      check((await read) === reason, "the reason is the signal's")
      const late = log.replay({ signal }).getReader()
      check(
        (await rejection(late.read(), "a replay with a signal that has fired")) === reason,
        "the reason",
      )
    },
  },
  {
    name: "close() ends followers with CLOSED, and the log refuses everything after",
    async test({ log }) {
      const following = rejection(
        collect(log.replay({ follow: true })),
        "a follower of a closed log",
      )
      const idle = log.append()
      const acks = rejection(collect(idle.readable), "the acks of an idle pipe")
      const writer = log.writable().getWriter()
      await writer.write(bytes("accepted"))
      await turns()
      await log.close()
      checkCode(await following, "CLOSED", "a follower")
      checkCode(await acks, "CLOSED", "the acks of an idle pipe")
      checkCode(await rejection(writer.closed, "closed"), "CLOSED", "a writable left open")
      checkCode(await rejection(log.tail(), "tail()"), "CLOSED", "tail()")
      checkCode(await rejection(collect(log.replay()), "replay()"), "CLOSED", "replay()")
      const late = log.writable().getWriter()
      checkCode(await rejection(late.write(bytes("x")), "write()"), "CLOSED", "write()")
      await rejection(late.closed, "closed")
      await log.close()
    },
  },
]

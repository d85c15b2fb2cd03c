import type { AppendInput } from "../log.ts"
import { toOffset } from "../offset.ts"
import { check, checkCode, checkEqual, rejection, turns } from "./check.ts"
import type { Claim } from "./conformance-case.ts"
import { appendAll, bytes, collect, replayed, take, waysToAppend } from "./records.ts"

export const appendClaims: readonly Claim[] = [
  {
    name: "a new log is empty, and its tail is 0",
    async test({ log }) {
      checkEqual(await log.tail(), 0, "the tail of a new log")
      checkEqual(await replayed(log), [], "the replay of a new log")
    },
  },
  {
    name: "each chunk gets one acknowledgement, in order, with its offset, count and level",
    async test({ log }) {
      const chunks = [bytes("a"), [bytes("b"), bytes("c")], bytes("d")]
      for (const [way, append] of waysToAppend.entries()) {
        const acks = await append(log, chunks)
        const wanted = [
          [0, 1],
          [1, 2],
          [3, 1],
        ].map(([offset = 0, count]) => ({ offset: offset + way * 4, count, level: log.level }))
        checkEqual(acks as readonly unknown[], wanted, "the acknowledgements")
        checkEqual(await log.tail(), way * 4 + 4, "the tail")
      }
    },
  },
  {
    name: "an acknowledged record is there to read, whatever its bytes",
    async test({ log }) {
      const every = Array.from({ length: 256 }, (_, n) => n)
      const odd = [[], [0], [10], [10, 10], [13, 10], [255, 254], [0, 10, 0], every]
      const records = odd.map((record) => new Uint8Array(record))
      for (const append of waysToAppend) await append(log, records)
      const read = (await collect(log.replay())).map((entry) => [...entry.data])
      checkEqual(read, [...odd, ...odd], "the records")
    },
  },
  {
    name: "lines and records with LF alternate, in batches and alone, without harm",
    async test({ log }) {
      const chunks: AppendInput[] = [
        bytes("1"),
        [bytes("2\n"), bytes("3")],
        bytes("\n"),
        [bytes("5"), bytes("")],
        bytes("6"),
      ]
      await appendAll(log, chunks)
      const wanted = ["0:1", "1:2\n", "2:3", "3:\n", "4:5", "5:", "6:6"]
      checkEqual(await replayed(log), wanted, "the records")
      for (let from = 0; from <= wanted.length; from++) {
        const part = await replayed(log, { from: toOffset(from) })
        checkEqual(part, wanted.slice(from), `the records from ${from}`)
      }
    },
  },
  {
    name: "entries of one log are chunks of another",
    async test({ log, another }) {
      await appendAll(log, [bytes("x"), bytes("y\n"), bytes("z")])
      const copy = await another()
      const acks = await collect(log.replay().pipeThrough(copy.append()))
      checkEqual(
        acks.map((ack): number => ack.offset),
        [0, 1, 2],
        "the offsets of the copy",
      )
      checkEqual(await replayed(copy), await replayed(log), "the copy")
    },
  },
  {
    name: "the producer may fill its buffer anew once write() has resolved",
    async test({ log }) {
      const writer = log.writable().getWriter()
      const buffer = new Uint8Array(1)
      for (let n = 48; n < 52; n++) {
        buffer[0] = n
        await writer.write(buffer)
      }
      buffer[0] = 0
      await writer.close()
      checkEqual(await replayed(log), ["0:0", "1:1", "2:2", "3:3"], "the records")
    },
  },
  {
    name: "close() of writable() resolves when everything is there to read",
    async test({ log }) {
      const writer = log.writable().getWriter()
      for (let n = 0; n < 100; n++) void writer.write(bytes(String(n)))
      await writer.close()
      checkEqual(await log.tail(), 100, "the tail after close()")
    },
  },
  {
    name: "what is no chunk is a TypeError, after the acknowledgements of what came before",
    async test({ log }) {
      for (const wrong of ["text", 7, null, [], [1], { data: "text" }]) {
        const tail = await log.tail()
        const { readable, writable } = log.append()
        const writer = writable.getWriter()
        await writer.write(bytes("good"))
        const refused = rejection(
          writer.write(wrong as unknown as AppendInput),
          "a write of no chunk",
        )
        const reader = readable.getReader()
        const ack = await reader.read()
        checkEqual(
          ack.value?.offset as number | undefined,
          tail as number,
          "the ack before the error",
        )
        const reason = await rejection(reader.read(), "the acknowledgement of no chunk")
        check(reason instanceof TypeError, `${String(reason)} is a TypeError`)
        check((await refused) === reason, "both sides have the same error")
        await rejection(writer.closed, "closed")
        checkEqual(await log.tail(), tail + 1, "the tail")
      }
    },
  },
  {
    name: "many pipes at once: every record once, acknowledgements of each pipe in order",
    async test({ log }) {
      const [pipes, each] = [16, 50]
      const all = await Promise.all(
        Array.from({ length: pipes }, (_, pipe) =>
          appendAll(
            log,
            Array.from({ length: each }, (_, n) => bytes(`${pipe}/${n}`)),
          ),
        ),
      )
      const read = await replayed(log)
      checkEqual(read.length, pipes * each, "how many records there are")
      for (const [pipe, acks] of all.entries()) {
        for (const [n, ack] of acks.entries()) {
          checkEqual(
            read[ack.offset],
            `${ack.offset}:${pipe}/${n}`,
            "the record at its acknowledged offset",
          )
          check(n === 0 || ack.offset > (acks[n - 1]?.offset ?? 0), "offsets of one pipe go up")
        }
      }
    },
  },
  {
    name: "write() waits while maxPendingBytes are pending, and goes on",
    async test({ log }) {
      const { readable, writable } = log.append({ maxPendingBytes: 10 })
      const acks = collect(readable)
      const writer = writable.getWriter()
      for (let n = 0; n < 50; n++) await writer.write(bytes("twelve bytes"))
      await writer.close()
      checkEqual((await acks).length, 50, "the acknowledgements")
    },
  },
  {
    name: "write() waits while maxUnreadAcks lie unread",
    async test({ log }) {
      const { readable, writable } = log.append({ maxUnreadAcks: 3 })
      const writer = writable.getWriter()
      let written = 0
      const writing = (async () => {
        for (; written < 10; written++) await writer.write(bytes(String(written)))
        await writer.close()
      })()
      const follower = log.replay({ follow: true }).getReader()
      await take(follower, 3)
      await follower.cancel()
      await turns()
      checkEqual([written, (await log.tail()) as number], [2, 3], "chunks written, and the tail")
      checkEqual((await collect(readable)).length, 10, "the acknowledgements")
      await writing
    },
  },
  {
    name: "abort() ends the pipe at once; the log and other pipes go on",
    async test({ log }) {
      const { readable, writable } = log.append()
      const reader = readable.getReader()
      const reason = new Error("given up")
      const writer = writable.getWriter()
      await writer.write(bytes("before"))
      await writer.abort(reason)
      check((await rejection(reader.closed, "closed")) === reason, "the acks end with the reason")
      await appendAll(log, [bytes("after")])
      const read = await replayed(log)
      checkEqual(read.at(-1)?.split(":")[1], "after", "the last record")
      check(read.length <= 2, "nothing more is stored than was written")
    },
  },
  {
    name: "abort() reaches a write that waits for room",
    async test({ log }) {
      const writer = log.append({ maxUnreadAcks: 1 }).writable.getWriter()
      const waiting = writer.write(bytes("waits"))
      await turns()
      const reason = new Error("given up")
      await writer.abort(reason)
      await waiting.catch(() => {})
      check((await rejection(writer.closed, "closed")) === reason, "the writable has the reason")
    },
  },
  {
    name: "cancel() of the acknowledgements errors the writable with the reason",
    async test({ log }) {
      const { readable, writable } = log.append()
      const writer = writable.getWriter()
      await writer.write(bytes("accepted"))
      const reason = new Error("not wanted")
      await readable.cancel(reason)
      check((await rejection(writer.closed, "closed")) === reason, "the writable has the reason")
      await appendAll(log, [bytes("after")])
      checkEqual(await replayed(log), ["0:accepted", "1:after"], "the records")
    },
  },
  {
    name: "expectedTail stores at that offset or not at all, and the log goes on",
    async test({ log }) {
      await appendAll(log, [bytes("a"), bytes("b")])
      for (const [at, wanted] of [
        [0, "TAIL_MISMATCH"],
        [3, "TAIL_MISMATCH"],
      ] as const) {
        const pipe = log.append({ expectedTail: toOffset(at) })
        const writer = pipe.writable.getWriter()
        const refused = rejection(writer.write(bytes("no")), "a write at another offset")
        const reason = await rejection(collect(pipe.readable), "its acknowledgement")
        checkCode(reason, wanted, "the code")
        check(
          reason instanceof Error && "offset" in reason && reason.offset === 2,
          "the tail is told",
        )
        await refused
        await rejection(writer.closed, "closed")
      }
      const { readable, writable } = log.append({ expectedTail: toOffset(2) })
      const acks = collect(readable)
      const writer = writable.getWriter()
      for (const text of ["c", "d"]) await writer.write(bytes(text))
      await writer.close()
      checkEqual(
        (await acks).map(({ offset }): number => offset),
        [2, 3],
        "the acknowledgements",
      )
      checkEqual(await replayed(log), ["0:a", "1:b", "2:c", "3:d"], "the records")
    },
  },
  {
    name: "of many that expect one tail, one appends",
    async test({ log }) {
      for (let round = 0; round < 5; round++) {
        const expectedTail = await log.tail()
        const results = await Promise.allSettled(
          Array.from({ length: 8 }, async (_, n) => {
            const writer = log.writable({ expectedTail }).getWriter()
            writer.closed.catch(() => {})
            await writer.write(bytes(`${n}`))
            await writer.close()
          }),
        )
        const stored = results.filter((result) => result.status === "fulfilled").length
        checkEqual(stored, 1, "how many have appended")
        checkEqual(await log.tail(), expectedTail + 1, "the tail")
      }
    },
  },
  {
    name: "a chunk over the limit is refused, and nothing of it stored",
    async test({ log }) {
      const pipe = log.append()
      const reader = pipe.readable.getReader()
      const writer = pipe.writable.getWriter()
      await writer.write(bytes("before"))
      const big = new Uint8Array(16_777_216)
      const reason = await rejection(writer.write(big), "a record over the limit")
      checkCode(reason, "RECORD_TOO_LARGE", "the code of a record over the limit")
      checkEqual((await take(reader, 1)).length, 1, "the ack before it")
      check(
        (await rejection(reader.read(), "the ack of it")) === reason,
        "both sides have the error",
      )
      await rejection(writer.closed, "closed")
      const batch = log.writable().getWriter()
      const refused = await rejection(batch.write([big, big]), "a batch over the limit")
      checkCode(refused, "BATCH_TOO_LARGE", "the code of a batch over the limit")
      await rejection(batch.closed, "closed")
      checkEqual(await replayed(log), ["0:before"], "the records")
    },
  },
]

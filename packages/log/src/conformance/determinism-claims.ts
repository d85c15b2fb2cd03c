import type { Ack, AppendInput, Log } from "../log.ts"
import { createMemoryLog } from "../memory-log.ts"
import { checkEqual } from "./check.ts"
import type { Claim } from "./conformance-case.ts"
import { appendAll, appendEach, collect, waysToAppend } from "./records.ts"

/** The same numbers on every run and every runtime. */
function numbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

/** Records of any bytes, alone and in batches; line feeds, nothing, and all of 256 among them. */
function inputs(seed: number, count: number): AppendInput[] {
  const next = numbers(seed)
  const record = (): Uint8Array => {
    const length = next(5) === 0 ? next(400) : next(12)
    const kind = next(4)
    return Uint8Array.from({ length }, () =>
      kind === 0 ? 10 : kind === 1 ? next(256) : 32 + next(95),
    )
  }
  return Array.from({ length: count }, () =>
    next(3) === 0 ? Array.from({ length: 1 + next(5) }, record) : record(),
  )
}

async function all(log: Log): Promise<number[][]> {
  return (await collect(log.replay())).map(({ offset, data }) => [offset, ...data])
}

function placed(acks: readonly Ack[]): number[][] {
  return acks.map(({ offset, count }) => [offset, count])
}

export const determinismClaims: readonly Claim[] = [
  {
    name: "the same input has the offsets and the bytes that the memory log gives it",
    async test({ another }) {
      for (const [seed, append] of waysToAppend.entries()) {
        const input = inputs(seed, 60)
        await using reference = createMemoryLog()
        const wanted = placed(await appendAll(reference, input))
        const log = await another()
        checkEqual(placed(await append(log, input)), wanted, "the offsets and counts")
        checkEqual(await all(log), await all(reference), "the replay, byte for byte")
      }
    },
  },
  {
    name: "the same records have the same offsets and bytes under every chunking",
    async test({ another }) {
      const records = inputs(7, 40).flatMap((chunk) => (Array.isArray(chunk) ? chunk : [chunk]))
      await using reference = createMemoryLog()
      await appendAll(reference, records)
      const wanted = await all(reference)
      for (const size of [1, 2, 3, 7, records.length]) {
        const log = await another()
        for (let at = 0; at < records.length; at += 3 * size) {
          // A pipe for each three batches: where pipes begin and end is no part of the input either.
          const part = records.slice(at, at + 3 * size)
          const batches = Array.from({ length: Math.ceil(part.length / size) }, (_, n) =>
            part.slice(n * size, (n + 1) * size),
          )
          await appendAll(log, batches)
        }
        checkEqual(await all(log), wanted, `the replay of batches of ${size}`)
      }
    },
  },
  {
    name: "a copy of a log by replay and append is equal to it, byte for byte",
    async test({ log, another }) {
      await appendEach(log, inputs(11, 40))
      const copy = await another()
      const acks = await collect(log.replay().pipeThrough(copy.append()))
      checkEqual(
        acks.map(({ offset }): number => offset),
        acks.map((_, n) => n),
        "the offsets",
      )
      checkEqual(await all(copy), await all(log), "the replay of the copy")
      await using back = createMemoryLog()
      await collect(copy.replay().pipeThrough(back.append()))
      checkEqual(await all(back), await all(log), "the replay of the copy's copy")
    },
  },
  {
    name: "restarts between appends change neither offsets nor bytes",
    needs: "reopen",
    async test({ log, reopen }) {
      const input = inputs(13, 48)
      await using reference = createMemoryLog()
      const wanted = placed(await appendAll(reference, input))
      const seen: number[][] = []
      let open = log
      for (let at = 0; at < input.length; at += 12) {
        if (at > 0) open = await reopen(open)
        const append = at % 24 === 0 ? appendAll : appendEach
        seen.push(...placed(await append(open, input.slice(at, at + 12))))
      }
      checkEqual(seen, wanted, "the offsets and counts")
      checkEqual(await all(open), await all(reference), "the replay, byte for byte")
      const last = await reopen(open)
      checkEqual(await all(last), await all(reference), "the replay after the last restart")
    },
  },
]

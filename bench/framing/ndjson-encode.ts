import { from } from "@bellmouth/core"
import { NdjsonArrayEncoderStream, NdjsonEncoderStream } from "@bellmouth/framing"
import { type Job, measure } from "../harness/measure.ts"
import type { Row } from "../harness/row.ts"
import { type Corpus, corpus, foreign, passesOf, readAll } from "./corpus.ts"

const utf8 = new TextEncoder()
const length = (bytes: Uint8Array): number => bytes.length

function stringifyAndJoin({ records, bytes }: Corpus): Job {
  return async (passes) => {
    let seen = 0
    for (let pass = 0; pass < passes; pass++) {
      const lines = records.map((record) => JSON.stringify(record))
      seen += utf8.encode(`${lines.join("\n")}\n`).length
    }
    return passesOf(seen, bytes)
  }
}

function arrays({ records, bytes }: Corpus): Job {
  return async (passes) => {
    const readable = foreign([records], passes).pipeThrough(new NdjsonArrayEncoderStream())
    return passesOf(await readAll(readable, length), bytes)
  }
}

function iterables({ records, bytes }: Corpus): Job {
  // Made once: what it takes to fill a set is not what is measured.
  const set = new Set(records)
  return async (passes) => {
    const sets: Set<unknown>[] = Array(passes).fill(set)
    const readable = from(sets).pipeThrough(new NdjsonArrayEncoderStream())
    return passesOf(await readAll(readable, length), bytes)
  }
}

function eachRecord({ records, bytes }: Corpus): Job {
  return async (passes) => {
    const readable = foreign(records, passes).pipeThrough(new NdjsonEncoderStream())
    return passesOf(await readAll(readable, length), bytes)
  }
}

function eachRecordOfOurs({ records, bytes }: Corpus): Job {
  return async (passes) => {
    function* all(): Generator<unknown> {
      for (let pass = 0; pass < passes; pass++) yield* records
    }
    const readable = from(all()).pipeThrough(new NdjsonEncoderStream())
    return passesOf(await readAll(readable, length), bytes)
  }
}

function nativeEachRecord({ records, bytes }: Corpus): Job {
  return async (passes) => {
    const transform = new TransformStream<unknown, Uint8Array>({
      transform: (record, controller) =>
        controller.enqueue(utf8.encode(`${JSON.stringify(record)}\n`)),
    })
    return passesOf(await readAll(foreign(records, passes).pipeThrough(transform), length), bytes)
  }
}

/** Encoding against what no encoder can beat, and against the platform record by record. */
export async function* ndjsonEncodeCases(): AsyncGenerator<Row> {
  for (const ascii of [true, false])
    for (const recordBytes of [100, 1000]) {
      const data = corpus({ recordBytes, ascii })
      const [limit = 0, array = 0, iterable = 0] = await measure([
        stringifyAndJoin(data),
        arrays(data),
        iterables(data),
      ])
      const what = `NDJSON encode, ${recordBytes} B${ascii ? "" : " not ASCII"}`
      const against = "against stringify, one join, one encode"
      const bounds = { unit: "x", floor: 0.85, aim: 0.95 } as const
      yield { name: `${what}, arrays: ${against}`, value: limit / array, ...bounds }
      yield { name: `${what}, iterables: ${against}`, value: limit / iterable, ...bounds }
    }
  const data = corpus({ recordBytes: 100, ascii: true })
  const [ours = 0, own = 0, theirs = 0] = await measure([
    eachRecord(data),
    eachRecordOfOurs(data),
    nativeEachRecord(data),
  ])
  const against = "against a TransformStream"
  yield { name: `NDJSON encode, 100 B, each record: ${against}`, value: theirs / ours, unit: "x" }
  yield {
    name: `NDJSON encode, 100 B, each record, own source: ${against}`,
    value: theirs / own,
    unit: "x",
    floor: 3,
    aim: 5,
  }
}

import { open } from "node:fs/promises"
import { join } from "node:path"
import type { Log } from "@bellmouth/log"
import { openFsLog } from "@bellmouth/log-fs"
import { type Job, measure } from "../harness/measure.ts"
import type { Row } from "../harness/row.ts"
import { closedWriters } from "./closed-writers.ts"
import { closedLoop } from "./rivals/rival.ts"
import { streamsAlone } from "./streams-alone.ts"

const RECORD = new Uint8Array(100).fill(0x61)
const RUN_MS = 200

/** Durable appends of records of 100 bytes, each acknowledged, against a bare loop. */
export async function* appendCases(folder: string): AsyncGenerator<Row> {
  const bare = await open(join(folder, "bare"), "w")
  const log = await openFsLog(join(folder, "appends"))
  const bareLoop: Job = async (count) => {
    for (let done = 0; done < count; done++) {
      await bare.write(RECORD)
      await bare.datasync()
    }
    return count
  }
  const closed = [1, 64, 1_024].map((writers) => closedWriters(log, writers, RECORD))
  const called = [1, 64, 1_024].map((writers) => closedLoop(writers, () => log.appendBatch(RECORD)))
  const jobs = [bareLoop, ...closed, pipelinedWriter(log), streamsAlone(1_024), ...called]
  const [bareNs = 0, one = 0, some = 0, many = 0, pipelined = 0, streams = 0, ...calls] =
    await measure(jobs, { runMs: RUN_MS, rounds: 21 })
  const [oneCall = 0, someCalls = 0, manyCalls = 0] = calls
  await bare.close()
  await log.close()
  const against = "against FileHandle write + fdatasync per record"
  const row = (writers: string, ns: number, floor: number, aim: number): Row => {
    return {
      name: `durable appends, ${writers}: ${against}`,
      value: bareNs / ns,
      unit: "x",
      floor,
      aim,
    }
  }
  yield row("1 writer that waits for each ack", one, 0.8, 1)
  yield row("64 writers", some, 30, 45)
  yield row("1,024 writers", many, 100, 180)
  yield row("1 writer that waits for acceptance", pipelined, 100, 200)
  yield row("1 caller of appendBatch", oneCall, 0.8, 1)
  yield row("64 callers of appendBatch", someCalls, 30, 45)
  yield row("1,024 callers of appendBatch", manyCalls, 100, 180)
  const name = "durable appends, 1,024 writers: against their streams with nothing behind them"
  yield { name, value: streams / many, unit: "x", floor: 0.5, aim: 1 }
  yield { name: "one durable append of the bare loop", value: bareNs, unit: "ns" }
  yield { name: "one durable append of 1,024 writers", value: many, unit: "ns" }
}

/** One writer that goes on as soon as its record is accepted. */
function pipelinedWriter(log: Log): Job {
  return async (count) => {
    const { readable, writable } = log.append()
    const into = writable.getWriter()
    const acks = readable.getReader()
    let seen = 0
    const reading = (async () => {
      while (!(await acks.read()).done) seen++
    })()
    for (let written = 0; written < count; written++) await into.write(RECORD)
    await into.close()
    await reading
    return seen
  }
}

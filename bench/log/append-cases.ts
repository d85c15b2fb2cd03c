import { open } from "node:fs/promises"
import { join } from "node:path"
import type { Ack, AppendInput, Log } from "@bellmouth/log"
import { openFsLog } from "@bellmouth/log-fs"
import { type Job, measure } from "../harness/measure.ts"
import type { Row } from "../harness/row.ts"

const RECORD = new Uint8Array(100).fill(0x61)
const RUN_MS = 400

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
  const jobs = [bareLoop, closed(log, 1), closed(log, 64), closed(log, 1_024), pipelinedWriter(log)]
  const [bareNs = 0, one = 0, some = 0, many = 0, pipelined = 0] = await measure(jobs, {
    runMs: RUN_MS,
    rounds: 9,
  })
  await bare.close()
  await log.close()
  const against = "against FileHandle write + fdatasync per record"
  const say = (writers: string): string => `durable appends, ${writers}: ${against}`
  yield {
    name: say("1 writer that waits for each ack"),
    value: bareNs / one,
    unit: "x",
    aim: 1,
  }
  yield { name: say("64 writers"), value: bareNs / some, unit: "x", floor: 25, aim: 45 }
  yield { name: say("1,024 writers"), value: bareNs / many, unit: "x", floor: 60, aim: 180 }
  yield {
    name: say("1 writer that waits for acceptance"),
    value: bareNs / pipelined,
    unit: "x",
    floor: 50,
  }
  yield { name: "one durable append of the bare loop", value: bareNs, unit: "ns" }
  yield { name: "one durable append of 64 writers", value: some, unit: "ns" }
}

/** Writers with a pipe each, that write one record and wait for its acknowledgement. */
function closed(log: Log, writers: number): Job {
  const pipes = Array.from({ length: writers }, () => openPipe(log))
  return async (count) => {
    let left = count
    let seen = 0
    const run = async ({ into, acks }: Pipe): Promise<void> => {
      while (left > 0) {
        left--
        void into.write(RECORD)
        const { value } = await acks.read()
        if (value?.level === "disk") seen++
      }
    }
    await Promise.all(pipes.map(run))
    return seen
  }
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

interface Pipe {
  readonly into: WritableStreamDefaultWriter<AppendInput>
  readonly acks: ReadableStreamDefaultReader<Ack>
}

function openPipe(log: Log): Pipe {
  const { readable, writable } = log.append()
  return { into: writable.getWriter(), acks: readable.getReader() }
}

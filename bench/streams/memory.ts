import { broadcast, forEach, pipe } from "@bellmouth/core"
import type { Row } from "../harness/row.ts"
import { numbers, ourStage, own, several } from "./chains.ts"

const CHUNKS = 10_000_000
const STAGES = 8
const BRANCH_MARK = 16

/** What chains keep: rows for a runtime that offers `gc` and tells its heap. */
export async function* memoryCases(): AsyncGenerator<Row> {
  yield {
    name: `heap growth over ${CHUNKS / 1e6} million chunks through ${STAGES} stages`,
    value: await heapGrowth(),
    unit: "MB",
    floor: 2,
  }
  yield {
    name: `lead of the source over a slow sink behind ${STAGES} stages`,
    value: await leadOverSlowSink(),
    unit: "chunks",
    floor: STAGES + 1,
  }
  yield {
    name: `chunks read beyond a stalled branch of a broadcast that may lag by ${BRANCH_MARK}`,
    value: await readBesideStalledBranch(),
    unit: "chunks",
    floor: BRANCH_MARK + 1,
  }
}

/** The most that the heap grows between a tenth of the way and the end, garbage collected. */
async function heapGrowth(): Promise<number> {
  const readings: number[] = []
  let seen = 0
  await forEach(pipe(own(CHUNKS), ...several(ourStage, STAGES)), () => {
    if (++seen % (CHUNKS / 10) === 0) readings.push(heapBytes())
  })
  if (readings.length !== 10) throw new Error(`Cannot judge memory: saw ${seen} chunks`)
  return (Math.max(...readings) - (readings[0] ?? 0)) / 2 ** 20
}

async function leadOverSlowSink(): Promise<number> {
  let given = 0
  let written = 0
  let lead = 0
  const source = new ReadableStream<number>({
    pull(controller) {
      if (given < 1000) controller.enqueue(given++)
      else controller.close()
    },
  })
  const slow = new WritableStream<number>({
    async write() {
      await new Promise((resolve) => setTimeout(resolve, 0))
      lead = Math.max(lead, given - written)
      written++
    },
  })
  await pipe(source, ...several(ourStage, STAGES)).pipeTo(slow)
  if (written !== 1000) throw new Error(`Cannot judge the lead: ${written} chunks were written`)
  return lead
}

async function readBesideStalledBranch(): Promise<number> {
  let given = 0
  const source = numbers(Number.POSITIVE_INFINITY)
  const readable = new ReadableStream<number>(
    {
      pull(controller) {
        given++
        controller.enqueue(source.next().value ?? 0)
      },
    },
    { highWaterMark: 0 },
  )
  const [fast] = broadcast(readable, 2, { highWaterMark: BRANCH_MARK })
  const reader = fast?.getReader()
  const reading = (async () => {
    while (reader !== undefined && !(await reader.read()).done);
  })()
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setTimeout(resolve, 0))
  await Promise.race([reading, Promise.resolve()])
  return given
}

function heapBytes(): number {
  const { gc } = globalThis
  if (gc === undefined) throw new Error("Cannot judge memory: run with --expose-gc")
  gc()
  return process.memoryUsage().heapUsed
}

import { mkdirSync } from "node:fs"
import { join } from "node:path"
import type { Log } from "@bellmouth/log"
import { nodeBlockingFileLayer, openFsLog } from "@bellmouth/log-fs"
import { type Job, measure } from "../harness/measure.ts"
import type { Row } from "../harness/row.ts"
import { bestInTurn } from "./best-in-turn.ts"
import { closedWriters } from "./closed-writers.ts"
import { openClassicLevel } from "./rivals/classic-level.ts"
import { openDurableStreams } from "./rivals/durable-streams.ts"
import { openHypercore } from "./rivals/hypercore.ts"
import { closedLoop, RECORD, type Rival, TOGETHER } from "./rivals/rival.ts"
import { openSqlite } from "./rivals/sqlite.ts"

const RECORDS = 102_400
const RUN = { runMs: 100, rounds: 13 }

/** The same appends and the same replay, by others. One that can not be had is told, and left out. */
export async function* rivalCases(folder: string, only = ""): AsyncGenerator<Row> {
  const rivals = {
    "durable-streams": openDurableStreams,
    "classic-level": openClassicLevel,
    hypercore: openHypercore,
    sqlite: openSqlite,
  }
  for (const [name, open] of Object.entries(rivals)) {
    if (!name.startsWith(only)) continue
    const place = join(folder, name)
    mkdirSync(place)
    const rival = await open(place)
    if (typeof rival === "string") console.log(`left out: ${name}: ${rival}`)
    else yield* against(rival, `${place}-log`)
  }
}

async function* against(rival: Rival, directory: string): AsyncGenerator<Row> {
  const { level } = rival
  const log = await openFsLog(join(directory, "appends"), { level })
  yield* appends(rival, log, "")
  await log.close()
  if (rival.isBlocking === true) {
    const fileLayer = nodeBlockingFileLayer
    const blocking = await openFsLog(join(directory, "blocking"), { level, fileLayer })
    yield* appends(rival, blocking, ", a log that syncs on the same thread")
    await blocking.close()
  }
  yield await replayRow(rival, join(directory, "replay"))
  await rival.close()
}

async function* appends(rival: Rival, log: Log, how: string): AsyncGenerator<Row> {
  const { name, durability } = rival
  const row = (what: string, theirs = 0, ours = 0): Row => {
    return { name: `${name}: ${what}${how}`, value: theirs / ours, unit: "x" }
  }
  for (const writers of [1, 64, 1_024]) {
    const theirs = rival.append(writers)
    const calls = closedLoop(writers, () => log.appendBatch(RECORD))
    const streams = closedWriters(log, writers, RECORD)
    const theirStreams = rival.appendByStreams?.(writers)
    const jobs = [theirs, calls, streams, ...(theirStreams === undefined ? [] : [theirStreams])]
    const [their, called, streamed, theirStreamed] = await measure(jobs, RUN)
    const what = `appends of ${writers} writer${writers === 1 ? "" : "s"}`
    yield row(`${what}, a call for each, ${durability}`, their, called)
    yield row(`${what}, calls against the streams of a log`, their, streamed)
    if (theirStreamed !== undefined)
      yield row(`${what}, streams against streams`, theirStreamed, streamed)
  }
  for (const size of [64, 1_024]) {
    const theirs = rival.appendBatches?.(size)
    if (theirs === undefined) continue
    const [their, our] = await measure([theirs, batches(log, size)], RUN)
    yield row(`appends of batches of ${size}`, their, our)
  }
}

/** One writer of atomic batches, that waits for the acknowledgement of each. */
function batches(log: Log, size: number): Job {
  const { readable, writable } = log.append()
  const [into, acks] = [writable.getWriter(), readable.getReader()]
  return async (count) => {
    let seen = 0
    while (seen < count) {
      void into.write(Array.from({ length: Math.min(size, count - seen) }, () => RECORD))
      seen += (await acks.read()).value?.count ?? 0
    }
    return seen
  }
}

async function replayRow(rival: Rival, directory: string): Promise<Row> {
  await using log = await openFsLog(directory, { level: "process" })
  const records = Array.from({ length: RECORDS }, () => RECORD)
  await rival.fill(records)
  for (let at = 0; at < RECORDS; at += TOGETHER) {
    const some = records.slice(at, at + TOGETHER)
    await log.appendBatch(rival.replays === "messages" ? Buffer.concat(some) : some)
  }
  const ways = [() => rival.replay(), () => replayed(log)]
  const [theirs = 0, our = 0] = await bestInTurn(ways, RECORDS * RECORD.length, 11)
  return { name: `${rival.name}: replay of ${rival.replays}`, value: theirs / our, unit: "x" }
}

/** Each record by itself, as a view of bytes that are the consumer's. */
async function replayed(log: Log): Promise<number> {
  let seen = 0
  for await (const batch of log.replayBatches()) for (const { data } of batch) seen += data.length
  return seen
}

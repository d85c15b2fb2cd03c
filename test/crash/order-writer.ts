/**
 * The process that is traced: appends one record after another to a log of short segments, and says
 * on stdout what was acknowledged. After an error it tries once more, and closes the log. In the last run
 * it forks the log beside itself, appends to the fork, seals the log, and appends to the fork again.
 *
 * Arguments: the directory, the number of this run, how many records, and whether it is the last run.
 */
import { writeSync } from "node:fs"
import process from "node:process"
import { type Log, toOffset } from "@bellmouth/log"
import { nodeBlockingFileLayer, nodeFileLayer, openFsLog } from "@bellmouth/log-fs"
import { orderRecord } from "./order-record.ts"

const [directory = "", run = "0", records = "0", last] = process.argv.slice(2)

/** Both that there are, in turn. */
const fileLayer = Number(run) % 2 === 0 ? nodeFileLayer : nodeBlockingFileLayer

function say(text: string): void {
  writeSync(1, `${text}\n`)
}

async function append(log: Log, name: string): Promise<void> {
  const { readable, writable } = log.append()
  const writer = writable.getWriter()
  writer.write(new TextEncoder().encode(orderRecord(name))).catch(() => {})
  writer.close().catch(() => {})
  const { value } = await readable.getReader().read()
  if (value !== undefined) say(`ack ${value.offset} ${name}`)
}

async function end(log: Log): Promise<void> {
  const fork = await log.fork(toOffset(Number(records)), `${directory}.fork`)
  await append(fork, `${run}/forked`)
  await log.seal()
  // Whatever seals has to be on disk before this is acknowledged.
  await append(fork, `${run}/sealed`)
  await fork.close()
}

try {
  const log = await openFsLog(directory, { segmentBytes: 400, fileLayer })
  say(`open ${await log.tail()}`)
  try {
    for (let n = 0; n < Number(records); n++) await append(log, `${run}/${n}`)
    if (last !== undefined) await end(log)
  } catch (error) {
    say(`failed ${String(error)}`)
    // A log that was poisoned acknowledges nothing more.
    await append(log, `${run}/again`).catch(() => {})
  }
  await log.close()
  say("closed")
} catch (error) {
  say(`failed ${String(error)}`)
}

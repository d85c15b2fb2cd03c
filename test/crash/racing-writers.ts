import { seededRandom } from "@bellmouth/core/testing"
import { LogError } from "@bellmouth/log"
import { type FileLayer, type FsLog, type LayerFile, verifyFsLog } from "@bellmouth/log-fs"
import { MemoryFileLayer } from "@bellmouth/log-fs/testing"
import type { LogFs } from "./planted-fault.ts"

type Open = LogFs["openFsLog"]
type Random = () => number

const WRITERS = ["a", "b", "c"]
const LIVES = 3

/** What was seen of writers that take a log over from one another, all at the same time. */
export interface RaceReport {
  races: number
  acknowledged: number
  fenced: number
  readonly failures: string[]
}

/** Lets writers race, `races` times or until something is lost. */
export async function raceWriters(open: Open, races: number): Promise<RaceReport> {
  const report: RaceReport = { races: 0, acknowledged: 0, fenced: 0, failures: [] }
  for (let seed = 1; seed <= races && report.failures.length === 0; seed++) {
    await race(open, seed, report)
    report.races++
  }
  return report
}

async function race(open: Open, seed: number, report: RaceReport): Promise<void> {
  const whole = seededRandom(seed)
  const random = (): number => whole(2 ** 32) / 2 ** 32
  const files = new MemoryFileLayer()
  const acks = new Map<number, string>()
  const segmentBytes = 64 + Math.floor(random() * 500)
  const fail = (what: string): number => report.failures.push(`race ${seed}: ${what}`)
  const live = async (name: string): Promise<void> => {
    await turns(random, 4)
    const fileLayer = slowLayer(files, random)
    const level = random() < 0.5 ? "disk" : "process"
    const log = await open("/log", { fileLayer, takeOver: true, segmentBytes, level })
    try {
      await appendSome(log, name, random, (offset, text) => {
        const other = acks.get(offset)
        if (other !== undefined) fail(`offset ${offset} was acknowledged for ${other} and ${text}`)
        acks.set(offset, text)
        report.acknowledged++
      })
    } finally {
      if (random() < 0.7) await log.close()
    }
  }
  const liveOn = async (writer: string): Promise<void> => {
    for (let life = 0; life < LIVES; life++) {
      await live(`${writer}${life}`).catch((error: unknown) => {
        // Who has lost the log may find its files gone; who has it is never told that it is damaged.
        const isLoss = error instanceof LogError && error.code !== "CORRUPT"
        if (isLoss) report.fenced++
        else fail(String(error))
      })
    }
  }
  await Promise.all(WRITERS.map(liveOn))
  await judge(open, files, acks).catch((error: unknown) => fail(String(error)))
}

async function appendSome(
  log: FsLog,
  name: string,
  random: Random,
  acknowledged: (offset: number, text: string) => void,
): Promise<void> {
  for (let left = Math.floor(random() * 8); left > 0; left--) {
    const text = `${name} ${left} ${"-".repeat(Math.floor(random() * 40))}`
    const { offset } = await log.appendBatch(new TextEncoder().encode(text))
    acknowledged(offset, text)
    await turns(random, 2)
  }
}

/** Every record that was acknowledged is there, once, and nothing is damaged. */
async function judge(
  open: Open,
  fileLayer: FileLayer,
  acks: ReadonlyMap<number, string>,
): Promise<void> {
  const log = await open("/log", { fileLayer, takeOver: true })
  const found = new Map<number, string>()
  for await (const { offset, data } of log.replay()) {
    found.set(offset, new TextDecoder().decode(data))
  }
  await log.close()
  for (const [offset, text] of acks) {
    if (found.get(offset) === text) continue
    throw new Error(`offset ${offset} holds ${found.get(offset)} instead of ${text}`)
  }
  const { damages } = await verifyFsLog("/log", { fileLayer })
  if (damages.length > 0) throw new Error(`it is damaged: ${JSON.stringify(damages)}`)
}

async function turns(random: Random, most: number): Promise<void> {
  for (let left = Math.floor(random() * (most + 1)); left > 0; left--) {
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** A layer whose operations take a while each, now and then long. */
function slowLayer(files: FileLayer, random: Random): FileLayer {
  const slowness = 0.2 + random() * 0.6
  const run = async <T>(act: () => T | Promise<T>): Promise<T> => {
    while (random() < slowness) await (random() < 0.3 ? turns(random, 1) : undefined)
    return act()
  }
  const wrap = (file: LayerFile): LayerFile => ({
    size: () => run(() => file.size()),
    read: (into, position) => run(() => file.read(into, position)),
    write: (parts, position) => run(() => file.write(parts, position)),
    syncData: () => run(() => file.syncData()),
    truncate: (byteLength) => run(() => file.truncate(byteLength)),
    close: () => run(() => file.close()),
  })
  return {
    open: (path, mode) => run(async () => wrap(await files.open(path, mode))),
    list: (directory) => run(() => files.list(directory)),
    makeDirectory: (directory) => run(() => files.makeDirectory(directory)),
    rename: (from, to) => run(() => files.rename(from, to)),
    remove: (path) => run(() => files.remove(path)),
    syncDirectory: (directory) => run(() => files.syncDirectory(directory)),
    claim: (path, content) => run(() => files.claim(path, content)),
    readText: (path) => run(async () => files.readText(path)),
    watch: (directory, wake) => files.watch(directory, wake),
  }
}

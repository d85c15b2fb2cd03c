import { seededRandom } from "@bellmouth/core/testing"
import type { Ack, AppendInput, AppendOptions, Log, LogEntry } from "@bellmouth/log"
import { toOffset } from "@bellmouth/log"
import type { openFsLog } from "@bellmouth/log-fs"
import { type CrashCounts, CrashFileLayer } from "./crash-file-layer.ts"

const SEGMENT_BYTES = 300
const utf8 = new TextEncoder()
const text = new TextDecoder()

/** A reader that follows the log, and where it is. */
export interface Follower {
  readonly reader: ReadableStreamDefaultReader<LogEntry>
  position: number
}

/** The code of a log's error; anything else is thrown. A log with planted faults has a class of its own. */
export function codeOf(error: unknown): string {
  if (error instanceof Error && error.name === "LogError" && "code" in error) return `${error.code}`
  throw error
}

/** What the commands of the model test act upon: a log, on a disk that can lose its power or in memory. */
export class LogUnderTest {
  log: Log
  followers: Follower[] = []
  readonly crashes: CrashCounts = { writesLost: 0, writesTorn: 0, writesZeroed: 0, namesLost: 0 }
  /** How often each command was run. */
  readonly counts: Map<string, number>
  readonly #open: typeof openFsLog | undefined
  #layer = new CrashFileLayer()
  #directory = "/log"
  #forks = 0
  #appends = 0

  private constructor(log: Log, counts: Map<string, number>, open?: typeof openFsLog) {
    this.log = log
    this.counts = counts
    this.#open = open
  }

  static inMemory(log: Log, counts: Map<string, number>): LogUnderTest {
    return new LogUnderTest(log, counts)
  }

  static async onDisk(open: typeof openFsLog, counts: Map<string, number>): Promise<LogUnderTest> {
    const fileLayer = new CrashFileLayer()
    const log = await open("/log", { fileLayer, segmentBytes: SEGMENT_BYTES })
    const made = new LogUnderTest(log, counts, open)
    made.#layer = fileLayer
    return made
  }

  /** Lets the machine do so many more operations. */
  limit(operations: number): void {
    this.#layer.operationsLeft = operations
  }

  /** Appends by a pipe and by a call, in turn. */
  async append(batch: readonly string[], options: AppendOptions) {
    const [only = ""] = batch
    const bytes = batch.map((record) => utf8.encode(record))
    const input: AppendInput = bytes.length === 1 ? utf8.encode(only) : bytes
    const isCall = this.#appends++ % 2 === 1
    try {
      const { offset, count, repeated } = isCall
        ? await this.log.appendBatch(input, options)
        : await this.#pipe(input, options)
      return repeated ? { offset, count, repeated } : { offset, count }
    } catch (error) {
      return codeOf(error)
    }
  }

  async read(from: number, limit: number, view: "records" | "batches" | "lent") {
    const options = { from: toOffset(from), limit }
    const records: string[] = []
    try {
      if (view === "records") {
        for await (const { data } of this.log.replay(options)) records.push(text.decode(data))
        return records
      }
      for await (const batch of this.log.replayBatches({ ...options, lend: view === "lent" }))
        for (const { data } of batch) records.push(text.decode(data))
      return records
    } catch (error) {
      return codeOf(error)
    }
  }

  async reopen(): Promise<void> {
    await this.log.close()
    this.followers = []
    await this.#again()
  }

  /** Cuts the power, and opens what is left. */
  async crash(seed: number): Promise<void> {
    const whole = seededRandom(seed)
    const left = this.#layer.crash(() => whole(2 ** 32) / 2 ** 32, this.crashes)
    for (const path of left.files.keys()) if (path.endsWith("/lock")) left.files.delete(path)
    this.#layer = new CrashFileLayer(left.files)
    this.followers = []
    await this.#again()
  }

  /** What a second writer of the same directory is told. */
  async openSecond(): Promise<string> {
    try {
      const options = { fileLayer: this.#layer, segmentBytes: SEGMENT_BYTES }
      await this.#open?.(this.#directory, options)
      return "opened"
    } catch (error) {
      return codeOf(error)
    }
  }

  /** Goes on with a fork, and lets the log be. */
  async goOnWithFork(at: number): Promise<Log> {
    const directory = `/fork-${++this.#forks}`
    const fork = await this.log.fork(toOffset(at), directory)
    const left = this.log
    this.log = fork
    this.followers = []
    this.#directory = directory
    return left
  }

  async #pipe(input: AppendInput, options: AppendOptions): Promise<Ack> {
    const { readable, writable } = this.log.append(options)
    const writer = writable.getWriter()
    for (const step of [writer.closed, writer.write(input), writer.close()]) step.catch(() => {})
    const { value } = await readable.getReader().read()
    if (value === undefined) throw new Error("closed without an acknowledgement")
    return value
  }

  async #again(): Promise<void> {
    if (this.#open === undefined) throw new Error("a log in memory is not opened again")
    const options = { fileLayer: this.#layer, segmentBytes: SEGMENT_BYTES }
    this.log = await this.#open(this.#directory, options)
  }
}

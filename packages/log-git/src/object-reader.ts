import { ended, type GitPlace, type GitProcess, hold, startGit } from "./git-command.ts"
import { corrupt } from "./log-fault.ts"
import { type ObjectFormat, type ObjectType, type Oid, oidOf } from "./object-format.ts"

/** No object of a log is larger; one that is was not made by a log. */
const MAX_OBJECT_BYTES = 2 ** 31
const LF = 0x0a
/** How many reads that were answered stay in the queue before it is cut. */
const KEPT_ANSWERED = 1_024

interface Waiting {
  readonly oid: Oid
  readonly type: ObjectType
  readonly result: PromiseWithResolvers<Buffer>
}

/** The object that is being received: what git hashes, and how much of it is there. */
interface Incoming {
  readonly framed: Buffer
  readonly begin: number
  length: number
}

/**
 * Reads objects through one long-lived `git cat-file`, which knows loose objects, packs and
 * alternates. Every object is checked against its name: a changed bit is never served.
 *
 * Any number of reads may be under way; they are answered in order.
 */
export class ObjectReader {
  readonly format: ObjectFormat
  readonly #place: GitPlace
  readonly #waiting: Waiting[] = []
  #next = 0
  #process: GitProcess | undefined
  #asked = ""
  #rest: Buffer = Buffer.alloc(0)
  #incoming: Incoming | undefined
  #isClosed = false

  constructor(place: GitPlace, format: ObjectFormat) {
    this.#place = place
    this.format = format
  }

  /**
   * The content of an object, which belongs to the caller.
   *
   * @throws {LogError} `CORRUPT` when it is missing, damaged, or of another type.
   */
  read(oid: Oid, type: ObjectType): Promise<Buffer> {
    const result = Promise.withResolvers<Buffer>()
    if (this.#isClosed) {
      result.reject(new Error("the log was closed"))
      return result.promise
    }
    const { child } = this.#process ?? this.#start()
    if (this.#waiting.length === 0) hold(child, true)
    this.#waiting.push({ oid, type, result })
    if (this.#asked === "") queueMicrotask(() => this.#flush())
    this.#asked += `contents ${oid}\n`
    return result.promise
  }

  /** Ends the process; reads under way reject. */
  async close(): Promise<void> {
    this.#isClosed = true
    const child = this.#process?.child
    if (child === undefined) return
    const end = ended(child)
    hold(child, true)
    child.stdin.end()
    await end
  }

  #flush(): void {
    this.#process?.child.stdin.write(`${this.#asked}flush\n`)
    this.#asked = ""
  }

  #start(): GitProcess {
    const started = startGit(this.#place, ["cat-file", "--batch-command", "--buffer"])
    this.#process = started
    this.#rest = Buffer.alloc(0)
    this.#incoming = undefined
    started.child.stdout.on("data", (chunk: Buffer) => this.#receive(chunk))
    ended(started.child).then(
      ([code, signal]) => {
        const reason = `git cat-file ended with ${signal ?? code}: ${started.errorText()}`
        this.#fail(started, new Error(reason))
      },
      (error: unknown) => this.#fail(started, error),
    )
    return started
  }

  /** The next read starts another process. */
  #fail(failed: GitProcess | undefined, error: unknown): void {
    if (failed !== this.#process) return
    this.#process = undefined
    this.#asked = ""
    for (const { result } of this.#waiting.splice(0).slice(this.#next)) result.reject(error)
    this.#next = 0
  }

  #receive(chunk: Buffer): void {
    let at = 0
    while (at < chunk.length && this.#process !== undefined) {
      at = this.#incoming === undefined ? this.#head(chunk, at) : this.#fill(chunk, at)
    }
  }

  /** Reads a line that says what follows; gives where it ends. */
  #head(chunk: Buffer, at: number): number {
    const end = chunk.indexOf(LF, at)
    if (end < 0) {
      this.#rest = Buffer.concat([this.#rest, chunk.subarray(at)])
      return chunk.length
    }
    const line = this.#rest.toString("latin1") + chunk.toString("latin1", at, end)
    if (this.#rest.length > 0) this.#rest = Buffer.alloc(0)
    const [oid = "", type = "", size = ""] = line.split(" ")
    const { oid: wanted } = this.#waiting[this.#next] ?? { oid: "nothing" }
    if (type === "missing" && oid === wanted) {
      this.#settle(corrupt({ path: oid, reason: "is missing" }))
    } else if (oid !== wanted || !/^\d+$/.test(size) || Number(size) > MAX_OBJECT_BYTES) {
      // What it says can not be told from what it will say: nothing more is taken from it.
      this.#process?.child.kill()
      this.#fail(
        this.#process,
        corrupt({ path: wanted, reason: `can not be read: git says ${JSON.stringify(line)}` }),
      )
    } else {
      const head = Buffer.from(`${type} ${size}\0`)
      const framed = Buffer.allocUnsafeSlow(head.length + Number(size))
      head.copy(framed)
      this.#incoming = { framed, begin: head.length, length: head.length }
    }
    return end + 1
  }

  /** Takes content, and the line feed after it; gives where the next head may begin. */
  #fill(chunk: Buffer, at: number): number {
    const incoming = this.#incoming
    if (incoming === undefined) return at
    const taken = Math.min(incoming.framed.length - incoming.length, chunk.length - at)
    chunk.copy(incoming.framed, incoming.length, at, at + taken)
    incoming.length += taken
    if (at + taken === chunk.length) return chunk.length
    this.#incoming = undefined
    this.#settle(incoming)
    return at + taken + 1
  }

  #settle(found: Incoming | Error): void {
    const waiting = this.#waiting[this.#next++]
    if (this.#next === KEPT_ANSWERED) this.#waiting.splice(0, this.#next)
    this.#next %= KEPT_ANSWERED
    if (this.#next === this.#waiting.length) {
      this.#waiting.length = 0
      this.#next = 0
      if (this.#process !== undefined) hold(this.#process.child, false)
    }
    if (waiting === undefined) return
    const { oid, type, result } = waiting
    if (found instanceof Error) return result.reject(found)
    if (oidOf(this.format, found.framed) !== oid) {
      return result.reject(
        corrupt({ path: oid, reason: "is damaged: it does not hash to its name" }),
      )
    }
    if (!found.framed.toString("latin1", 0, found.begin).startsWith(`${type} `)) {
      return result.reject(corrupt({ path: oid, reason: `is no ${type}` }))
    }
    result.resolve(found.framed.subarray(found.begin))
  }
}

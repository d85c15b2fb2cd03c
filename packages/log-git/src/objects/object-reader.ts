import { ended, type GitPlace, type GitProcess, hold, startGit } from "../git/git-command.ts"
import { corrupt } from "../log-fault.ts"
import { type ObjectFormat, type ObjectType, type Oid, oidOf } from "./object-format.ts"

/** No object of a log is larger; one that is was not made by a log. */
const MAX_OBJECT_BYTES = 2 ** 31
const LF = 0x0a
/** The buffer that is kept for hashing is no larger. */
const MOST_SCRATCH = 1_048_576
/** How many reads that were answered stay in the queue before it is cut. */
const KEPT_ANSWERED = 1_024

interface Waiting {
  readonly oid: Oid
  readonly type: ObjectType
  readonly resolve: (content: Buffer) => void
  readonly reject: (reason: unknown) => void
}

/** The object that is being received. */
interface Incoming {
  readonly type: string
  readonly size: number
  /** What of it is there, when it does not lie in one chunk. */
  readonly content: Buffer | undefined
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
  /** Whether the process is one that was started in the place of another, and has not answered yet. */
  #isRetry = false
  /** Where an object is put together with its head, to be hashed. */
  #scratch = Buffer.alloc(0)

  constructor(place: GitPlace, format: ObjectFormat) {
    this.#place = place
    this.format = format
  }

  /**
   * The content of an object, which belongs to the caller; it may be a view of a larger buffer.
   *
   * @throws {LogError} `CORRUPT` when it is missing, damaged, or of another type.
   */
  read(oid: Oid, type: ObjectType): Promise<Buffer> {
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
    this.#ask({ oid, type, resolve, reject })
    return promise
  }

  /** The contents of objects of one type, in the same order; fails with the first that does. */
  async readAll(oids: readonly Oid[], type: ObjectType): Promise<readonly Buffer[]> {
    if (oids.length === 0) return []
    const { promise, resolve: done, reject } = Promise.withResolvers<void>()
    const contents: Buffer[] = []
    // A promise for each takes more time than to check the object.
    const resolve = (content: Buffer): void => {
      if (contents.push(content) === oids.length) done()
    }
    for (const oid of oids) this.#ask({ oid, type, resolve, reject })
    // Before the caller goes on to what it has: git is at work meanwhile.
    this.#flush()
    await promise
    return contents
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

  #ask(waiting: Waiting): void {
    if (this.#isClosed) return waiting.reject(new Error("the log was closed"))
    const { child } = this.#process ?? this.#start()
    if (this.#waiting.length === 0) hold(child, true)
    this.#waiting.push(waiting)
    if (this.#asked === "") queueMicrotask(() => this.#flush())
    this.#asked += `contents ${waiting.oid}\n`
  }

  #flush(): void {
    if (this.#asked === "") return
    this.#process?.child.stdin.write(`${this.#asked}flush\n`, "latin1")
    this.#asked = ""
  }

  #start(): GitProcess {
    const started = startGit(this.#place, ["cat-file", "--batch-command", "--buffer"])
    this.#process = started
    this.#rest = Buffer.alloc(0)
    this.#incoming = undefined
    started.child.stdout.on("data", (chunk: Buffer) => {
      // One that was given up may still have something to say.
      if (started === this.#process) this.#receive(chunk)
    })
    ended(started.child).then(
      ([code, signal]) => {
        const said = started.errorText()
        this.#lost(started, new Error(`git cat-file ended with ${signal ?? code}: ${said}`), said)
      },
      (error: unknown) => this.#fail(started, error),
    )
    return started
  }

  /**
   * The process has ended: what was asked of it is asked of another one, once. Git goes no further than an object that
   * is damaged: when it has named that twice, what was asked for behind it is asked of another one.
   */
  #lost(failed: GitProcess, error: Error, said: string): void {
    if (failed !== this.#process) return
    const first = this.#waiting[this.#next]
    const isDamaged = this.#isRetry && first !== undefined && said.includes(first.oid)
    if (this.#isClosed || (this.#isRetry && !isDamaged)) return this.#fail(failed, error)
    const waiting = this.#waiting.splice(0).slice(this.#next + (isDamaged ? 1 : 0))
    this.#process = undefined
    this.#asked = ""
    this.#next = 0
    this.#isRetry = waiting.length > 0 && !isDamaged
    for (const one of waiting) this.#ask(one)
    if (isDamaged) {
      const reason = `can not be read: git says ${JSON.stringify(said)}`
      first.reject(corrupt({ path: first.oid, reason, cause: error }))
    }
  }

  /** The next read starts another process. */
  #fail(failed: GitProcess | undefined, error: unknown): void {
    if (failed !== this.#process) return
    this.#process = undefined
    this.#asked = ""
    for (const { reject } of this.#waiting.splice(0).slice(this.#next)) reject(error)
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
      // With its line feed: what comes after the chunk finds it gone.
      const isInChunk = end + 1 + Number(size) < chunk.length
      const content = isInChunk ? undefined : Buffer.allocUnsafeSlow(Number(size))
      this.#incoming = { type, size: Number(size), content, length: 0 }
    }
    return end + 1
  }

  /** Takes content, and the line feed after it; gives where the next head may begin. */
  #fill(chunk: Buffer, at: number): number {
    const incoming = this.#incoming
    if (incoming === undefined) return at
    const { type, size, content } = incoming
    const end = at + Math.min(size - incoming.length, chunk.length - at)
    content?.set(chunk.subarray(at, end), incoming.length)
    incoming.length += end - at
    // The line feed may be in the next chunk.
    if (end === chunk.length) return end
    this.#incoming = undefined
    this.#settle({ type, content: content ?? chunk.subarray(end - size, end) })
    return end + 1
  }

  #settle(found: { readonly type: string; readonly content: Buffer } | Error): void {
    this.#isRetry = false
    const waiting = this.#waiting[this.#next++]
    if (this.#next === this.#waiting.length) {
      this.#waiting.length = 0
      this.#next = 0
      if (this.#process !== undefined) hold(this.#process.child, false)
    } else if (this.#next === KEPT_ANSWERED) {
      this.#waiting.splice(0, this.#next)
      this.#next = 0
    }
    if (waiting === undefined) return
    const { oid, type, resolve, reject } = waiting
    if (found instanceof Error) return reject(found)
    if (!this.#isOf(oid, found.type, found.content)) {
      return reject(corrupt({ path: oid, reason: "is damaged: it does not hash to its name" }))
    }
    if (found.type !== type) return reject(corrupt({ path: oid, reason: `is no ${type}` }))
    resolve(found.content)
  }

  #isOf(oid: Oid, type: string, content: Buffer): boolean {
    const head = `${type} ${content.length}\0`
    const size = head.length + content.length
    if (this.#scratch.length < size) {
      if (size > MOST_SCRATCH)
        return oidOf(this.format, Buffer.concat([Buffer.from(head), content])) === oid
      this.#scratch = Buffer.allocUnsafeSlow(Math.min(MOST_SCRATCH, size * 2))
    }
    // One call for a copy in one piece takes less time than three for two pieces.
    this.#scratch.write(head, "latin1")
    this.#scratch.set(content, head.length)
    return oidOf(this.format, this.#scratch.subarray(0, size)) === oid
  }
}

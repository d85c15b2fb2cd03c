import {
  type Commit,
  type CommitResult,
  type LogBackend,
  LogError,
  type LogSupports,
  logSealed,
  type Offset,
  type ProducerTable,
  tailMismatch,
  toOffset,
} from "@bellmouth/log"
import { encodeInline, encodeWithBlob } from "../commits/append-message.ts"
import { type JudgedCommit, judgeCommit } from "../commits/judge-commit.ts"
import { loadProducers, settleAppended } from "../commits/load-producers.ts"
import { encodeLogFile, type LogFile } from "../commits/log-file.ts"
import type { LoadedHead, LogHead } from "../commits/log-head.ts"
import { writeFailed } from "../log-fault.ts"
import { toObject } from "../objects/object-format.ts"
import { GitReader, type GitReaderInit } from "../reader/git-reader.ts"
import { Serial } from "../reader/serial.ts"
import { advanceHead, type HeadChange, headBase } from "./advance-head.ts"
import type { Publisher } from "./publisher.ts"

/** Records of more bytes in all are a blob beside the commit: to walk commits stays cheap. */
const INLINE_BYTES = 65_536
/** Others may be first so many times before it counts as a fault. */
const TRIES = 100

/** What a writer begins with. */
export interface GitWriterInit extends GitReaderInit {
  readonly maxBatchBytes: number
  readonly publisher: Publisher
  /** Packs what is loose. */
  readonly pack: () => Promise<void>
  /** Makes a log of another name of a head of this one. */
  readonly fork: (at: number, name: string, head: LogHead) => Promise<LogBackend>
  /** Says that this writer is gone. */
  readonly leave: () => void
}

/** The primitives of a log in a git repository, for one of its writers. */
export class GitWriter extends GitReader {
  override readonly maxBatchBytes: number
  override readonly supports: LogSupports = {
    append: true,
    producers: true,
    trim: true,
    seal: true,
    fork: "shared",
    reopen: true,
    manyWriters: true,
  }
  readonly #init: GitWriterInit
  readonly #writes = new Serial()
  /** What is stored of each producer; undefined when others have moved the log on. */
  #table: ProducerTable | undefined
  #failure: LogError | undefined

  constructor(init: GitWriterInit) {
    super(init)
    this.#init = init
    this.maxBatchBytes = init.maxBatchBytes
  }

  override commit(commit: Commit): Promise<CommitResult> {
    return this.#write(`store ${commit.count} records`, () => this.#append(commit))
  }

  override trim(before: Offset): Promise<void> {
    return this.#write(`trim the log before offset ${before}`, () =>
      this.#change(({ file }) =>
        file.start >= before
          ? undefined
          : this.#setFile({ ...file, start: before }, `trim ${before}`),
      ),
    )
  }

  override seal(): Promise<void> {
    return this.#write("seal the log", () =>
      this.#change(({ file, tail }) =>
        file.sealed ? undefined : this.#setFile({ ...file, sealed: true }, `seal ${tail}`),
      ),
    )
  }

  override saveSnapshot(offset: number, content: Uint8Array): Promise<void> {
    return this.#write("save a snapshot", () =>
      this.#change(({ tree }) => {
        const blob = toObject(this.heads.objects.format, "blob", content)
        return {
          message: Buffer.from(`snapshot ${offset}\n`),
          tree: new Map(tree).set("snapshot", { mode: "100644", oid: blob.oid }),
          objects: [blob],
        }
      }),
    )
  }

  /** Nothing is appended meanwhile; what was stored can be read. */
  override maintain(): Promise<void> {
    return this.#writes.run(async () => {
      try {
        await this.#init.pack()
      } catch (cause) {
        throw packFailed(this.heads.ref.path, cause)
      }
    })
  }

  override fork(at: Offset, name: string): Promise<LogBackend> {
    return this.#writes.run(async () => {
      await this.heads.fresh()
      return this.#init.fork(at, name, this.heads.head)
    })
  }

  override close(): Promise<void> {
    return this.#writes.run(async () => {
      try {
        await this.#init.publisher.close()
        await super.close()
      } finally {
        this.#init.leave()
      }
    })
  }

  /** What others have appended is known of their producers. */
  override movedByOthers({ goesOn, appended }: LoadedHead): void {
    if (!goesOn) this.#table = undefined
    if (this.#table === undefined) return
    for (const one of appended) settleAppended(this.#table, one)
  }

  /** Any failure is the last thing that happens: a second fsync may report what the first has lost. */
  #write<T>(action: string, act: () => Promise<T>): Promise<T> {
    return this.#writes.run(() =>
      this.heads.exclusively(async () => {
        if (this.#failure !== undefined) throw this.#failure
        try {
          return await act()
        } catch (cause) {
          const failure = writeFailed(action, this.heads.ref.path, cause)
          const isOutcome = failure.code === "TAIL_MISMATCH" || failure.code === "SEALED"
          if (!isOutcome) this.#failure = failure
          throw failure
        }
      }),
    )
  }

  async #append(commit: Commit): Promise<CommitResult> {
    const { expectedTail } = commit
    if (expectedTail !== undefined && expectedTail !== this.heads.head.tail) {
      await this.heads.refresh()
    }
    let result: CommitResult | undefined
    await this.#change(async (head) => {
      const tail = toOffset(head.tail)
      if (expectedTail !== undefined && expectedTail !== tail)
        throw tailMismatch(expectedTail, tail)
      const judged = await this.#judge(commit, head)
      result = { offset: tail, exceptions: judged.exceptions }
      return judged.count === 0 ? undefined : this.#toChange(judged)
    })
    return result ?? { offset: toOffset(this.heads.head.tail) }
  }

  async #judge(commit: Commit, head: LogHead): Promise<JudgedCommit> {
    const { sealed } = head.file
    const isKnown = commit.runs.some(({ producer }) => producer !== undefined)
    if (!isKnown) {
      if (sealed) throw logSealed(toOffset(head.tail))
      const { count, runs, bytes } = commit
      return { offset: head.tail, count, runs, bytes, exceptions: [] }
    }
    return judgeCommit(await this.#producers(head), commit, head.tail, sealed)
  }

  #toChange(judged: JudgedCommit): HeadChange {
    const { offset, count } = judged
    const appended = { offset, count }
    if (judged.bytes.length <= INLINE_BYTES) {
      return { message: encodeInline(judged), objects: [], appended }
    }
    const records = toObject(this.heads.objects.format, "blob", judged.bytes)
    const message = encodeWithBlob(judged, records.oid)
    return { message, objects: [records], records: records.oid, appended }
  }

  #setFile(file: LogFile, subject: string): HeadChange {
    const blob = toObject(this.heads.objects.format, "blob", encodeLogFile(file))
    const tree = new Map(this.heads.head.tree).set("log", { mode: "100644", oid: blob.oid })
    return { message: Buffer.from(`${subject}\n`), tree, file, objects: [blob] }
  }

  /** Makes a commit upon the head, again when others were first; undefined: there is nothing to do. */
  async #change(
    plan: (head: LogHead) => HeadChange | undefined | Promise<HeadChange | undefined>,
  ): Promise<void> {
    const { objects } = this.heads
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const { head } = this.heads
      // Before the plan: what is being appended is not yet stored.
      const producers = async () => (await this.#producers(head)).snapshot()
      const base = await headBase(objects, head, producers)
      const change = await plan(head)
      if (change === undefined) return
      const next = advanceHead(objects.format, base, head, change)
      if (await this.#init.publisher.publish(next.objects, next.head.commit, head.commit)) {
        this.heads.move(next.head)
        return
      }
      // It was judged upon another head.
      this.#table = undefined
      await this.heads.refresh()
    }
    throw new LogError(
      "WRITE_FAILED",
      `Cannot move ${this.heads.ref.ref}: others were first ${TRIES} times; write from fewer places`,
      { path: this.heads.ref.path },
    )
  }

  /** The producers as they are at a head. */
  async #producers(head: LogHead): Promise<ProducerTable> {
    this.#table ??= await loadProducers(this.heads.objects, head)
    return this.#table
  }
}

function packFailed(path: string, cause: unknown): LogError {
  if (cause instanceof LogError) return cause
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new LogError(
    "WRITE_FAILED",
    `Cannot pack the log: ${reason}; nothing is lost, and the log goes on`,
    { cause, path },
  )
}

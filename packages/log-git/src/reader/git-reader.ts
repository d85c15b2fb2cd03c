import {
  type Commit,
  type CommitResult,
  type Level,
  type LogBackend,
  type LogCursor,
  type LogSupports,
  type Offset,
  toOffset,
  WaitingCursor,
} from "@bellmouth/log"
import type { LoadedHead, LogHead } from "../commits/log-head.ts"
import { readOnly } from "../log-fault.ts"
import type { ObjectReader } from "../objects/object-reader.ts"
import type { RefFile } from "../refs/ref-file.ts"
import { GitCursor } from "./git-cursor.ts"
import { HeadTracker } from "./head-tracker.ts"

/** What a log in a repository begins with. */
export interface GitReaderInit {
  readonly objects: ObjectReader
  readonly ref: RefFile
  readonly head: LogHead
  readonly level: Level
}

/** The primitives of a log in a git repository, for those who only read it. */
export class GitReader implements LogBackend {
  readonly level: Level
  readonly maxBatchBytes: number = 0
  readonly producers: undefined
  readonly supports: LogSupports = {
    append: false,
    producers: false,
    trim: false,
    seal: true,
    fork: false,
    reopen: true,
    manyWriters: true,
  }
  readonly heads: HeadTracker
  readonly #objects: ObjectReader

  constructor(init: GitReaderInit) {
    this.level = init.level
    this.#objects = init.objects
    const isSynced = init.level === "disk"
    this.heads = new HeadTracker({ ...init, isSynced }, (loaded) => this.movedByOthers(loaded))
  }

  get id(): string {
    return this.heads.head.file.id
  }

  async start(): Promise<Offset> {
    await this.heads.fresh()
    return toOffset(this.heads.head.file.start)
  }

  async tail(): Promise<Offset> {
    await this.heads.fresh()
    return toOffset(this.heads.head.tail)
  }

  async sealed(): Promise<boolean> {
    await this.heads.fresh()
    return this.heads.head.file.sealed
  }

  /** The content that was saved as the latest snapshot. */
  async snapshot(): Promise<Buffer | undefined> {
    await this.heads.fresh()
    const oid = this.heads.head.tree.get("snapshot")?.oid
    return oid === undefined ? undefined : this.#objects.read(oid, "blob")
  }

  async commit(_commit: Commit): Promise<CommitResult> {
    throw readOnly()
  }

  async trim(_before: Offset): Promise<void> {
    throw readOnly()
  }

  async seal(): Promise<void> {
    throw readOnly()
  }

  async fork(_at: Offset, _name: string): Promise<LogBackend> {
    throw readOnly()
  }

  async saveSnapshot(_offset: number, _content: Uint8Array): Promise<void> {
    throw readOnly()
  }

  async maintain(): Promise<void> {
    throw readOnly()
  }

  read(from: Offset): LogCursor {
    return new WaitingCursor(new GitCursor(this.heads, from))
  }

  watch(wake: () => void): () => void {
    return this.heads.ref.watch(wake)
  }

  async close(): Promise<void> {
    await this.#objects.close()
  }

  movedByOthers(_loaded: LoadedHead): void {}
}

import { join, resolve } from "node:path"
import { type SnapshotStore, type StoredSnapshot, toOffset } from "@bellmouth/log"
import { CHECKSUM_AT, checksumOf } from "./files/checksum.ts"
import type { FileLayer } from "./files/file-layer.ts"
import { isCode, nodeFileLayer } from "./files/node-file-layer.ts"
import { readFile } from "./files/read-file.ts"
import { createDurably } from "./segments/segment-file.ts"

/** The bytes "BMSS". */
const MAGIC = 0x424d5353
const SEQUENCE_AT = 8
const OFFSET_AT = 16
const LOG_LENGTH_AT = 24
const HEAD_BYTES = 28
const NAME = /^(\d{20})\.snapshot$/

/** How the states of a reducer become bytes, and again states. */
export interface SnapshotCodec<S> {
  readonly encode: (state: S) => Uint8Array
  /** What it throws says that the bytes are no state: the snapshot is skipped. */
  readonly decode: (bytes: Uint8Array) => S
}

/** What `createFsSnapshotStore` takes. */
export interface FsSnapshotStoreOptions<S> extends SnapshotCodec<S> {
  /** How many snapshots stay, beside those that are damaged. Default 2. */
  readonly keep?: number
  /** The file system. Default that of Node. */
  readonly fileLayer?: FileLayer
}

/** A snapshot that could not be used. */
export interface SkippedSnapshot {
  readonly path: string
  /** What is wrong with it, as the end of a sentence. */
  readonly reason: string
}

/** Snapshots in a directory. */
export interface FsSnapshotStore<S> extends SnapshotStore<S> {
  /** The directory, as an absolute path. */
  readonly directory: string
  /** What the latest `load` has passed over, the latest first. It stays until it is older than all that is kept. */
  readonly skipped: readonly SkippedSnapshot[]
}

/**
 * Keeps the snapshots of one reducer in a directory of their own: each on disk, whole, before it has its
 * name. `load` gives the latest that is whole, and `skipped` says which ones were not: a changed bit is
 * never served. One process saves at a time.
 *
 * @throws {RangeError} when `keep` is not a whole number from 1 on.
 *
 * @example A count that survives the process
 * ```ts
 * import assert from "node:assert/strict"
 * import { restoreSnapshot } from "@bellmouth/log"
 * import { createFsSnapshotStore, openFsLog } from "@bellmouth/log-fs"
 * import { MemoryFileLayer } from "@bellmouth/log-fs/testing"
 *
 * const fileLayer = new MemoryFileLayer()
 * await using log = await openFsLog("/events", { fileLayer })
 * const writer = log.writable().getWriter()
 * writer.write(new Uint8Array(3))
 * await writer.close()
 * const store = createFsSnapshotStore<number>("/count", {
 *   fileLayer,
 *   encode: (count) => new TextEncoder().encode(String(count)),
 *   decode: (bytes) => Number(new TextDecoder().decode(bytes)),
 * })
 * await restoreSnapshot(log, { reducer: (count) => count + 1, initial: 0, store })
 * assert.deepEqual(await store.load(), { log: log.id, offset: 1, state: 1 })
 * ```
 */
export function createFsSnapshotStore<S>(
  directory: string,
  options: FsSnapshotStoreOptions<S>,
): FsSnapshotStore<S> {
  const { keep = 2 } = options
  if (!Number.isSafeInteger(keep) || keep < 1) {
    throw new RangeError(`Cannot keep ${keep} snapshots: want a whole number from 1 on`)
  }
  return new Store(directory, keep, options)
}

class Store<S> implements FsSnapshotStore<S> {
  readonly directory: string
  readonly #keep: number
  readonly #codec: SnapshotCodec<S>
  readonly #layer: FileLayer
  #skipped: SkippedSnapshot[] = []
  /** Saves come one after another: each looks for the number of the last. */
  #saving: Promise<void> = Promise.resolve()

  constructor(directory: string, keep: number, options: FsSnapshotStoreOptions<S>) {
    // The process may change its own directory while it saves.
    this.directory = resolve(directory)
    this.#keep = keep
    this.#codec = options
    this.#layer = options.fileLayer ?? nodeFileLayer
  }

  get skipped(): readonly SkippedSnapshot[] {
    return this.#skipped
  }

  async load(): Promise<StoredSnapshot<S> | undefined> {
    for (;;) {
      const names = await this.#names()
      try {
        return await this.#latest(names)
      } catch (error) {
        // A save has removed one meanwhile, after it had made a later one.
        const isOver = isCode(error, "ENOENT") && (await this.#names()).at(-1) !== names.at(-1)
        if (!isOver) throw error
      }
    }
  }

  async #latest(names: readonly string[]): Promise<StoredSnapshot<S> | undefined> {
    const skipped: SkippedSnapshot[] = []
    let found: StoredSnapshot<S> | undefined
    for (const name of names.toReversed()) {
      const path = join(this.directory, name)
      const result = await this.#read(path, sequenceOf(name))
      if (typeof result === "object") {
        found = result
        break
      }
      skipped.push({ path, reason: result })
    }
    this.#skipped = skipped
    return found
  }

  save(snapshot: StoredSnapshot<S>): Promise<void> {
    const bytes = this.#codec.encode(snapshot.state)
    const saved = this.#saving.then(() => this.#save(snapshot, bytes))
    this.#saving = saved.catch(() => {
      // It is told to who has saved.
    })
    return saved
  }

  async #save({ log, offset }: StoredSnapshot<S>, state: Uint8Array): Promise<void> {
    await this.#layer.makeDirectory(this.directory)
    const names = await this.#names()
    const last = names.at(-1)
    const sequence = last === undefined ? 1 : sequenceOf(last) + 1
    const name = `${String(sequence).padStart(20, "0")}.snapshot`
    await createDurably(this.#layer, this.directory, name, encode(log, offset, sequence, state))
    await this.#prune([...names, name])
  }

  /** The new one is on disk by now, so that there is one at every moment. */
  async #prune(names: readonly string[]): Promise<void> {
    const damaged = new Set(this.#skipped.map(({ path }) => path))
    const whole = names.filter((name) => !damaged.has(join(this.directory, name)))
    const oldest = whole.slice(-this.#keep)[0] ?? ""
    for (const name of names) {
      if (name < oldest) await this.#layer.remove(join(this.directory, name))
    }
  }

  async #read(path: string, sequence: number): Promise<StoredSnapshot<S> | string> {
    const content = decode(await readFile(this.#layer, path), sequence)
    if (typeof content === "string") return content
    const { log, offset, state } = content
    try {
      return { log, offset: toOffset(offset), state: this.#codec.decode(state) }
    } catch (error) {
      return `its state can not be decoded (${error instanceof Error ? error.message : error})`
    }
  }

  /** The snapshots, in order. */
  async #names(): Promise<string[]> {
    try {
      const names = await this.#layer.list(this.directory)
      return names.filter((name) => NAME.test(name)).sort()
    } catch (error) {
      if (isCode(error, "ENOENT")) return []
      throw error
    }
  }
}

function sequenceOf(name: string): number {
  return Number(NAME.exec(name)?.[1])
}

function encode(log: string, offset: number, sequence: number, state: Uint8Array): Uint8Array {
  const id = new TextEncoder().encode(log)
  const bytes = new Uint8Array(HEAD_BYTES + id.length + state.length)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, MAGIC)
  view.setBigUint64(SEQUENCE_AT, BigInt(sequence))
  view.setBigUint64(OFFSET_AT, BigInt(offset))
  view.setUint32(LOG_LENGTH_AT, id.length)
  bytes.set(id, HEAD_BYTES)
  bytes.set(state, HEAD_BYTES + id.length)
  view.setUint32(CHECKSUM_AT, checksumOf(bytes, 0))
  return bytes
}

interface Content {
  readonly log: string
  readonly offset: number
  readonly state: Uint8Array
}

/** Gives what is wrong when the bytes are not those of the snapshot of that number. */
function decode(bytes: Uint8Array, sequence: number): Content | string {
  if (bytes.length < HEAD_BYTES) return `it has ${bytes.length} bytes, and needs ${HEAD_BYTES}`
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  if (view.getUint32(0) !== MAGIC) return "it does not begin with the magic of a snapshot"
  if (checksumOf(bytes, 0) !== view.getUint32(CHECKSUM_AT)) return "its checksum does not match"
  const own = Number(view.getBigUint64(SEQUENCE_AT))
  if (own !== sequence) return `it is snapshot ${own} under the name of ${sequence}`
  const end = HEAD_BYTES + view.getUint32(LOG_LENGTH_AT)
  const log = new TextDecoder().decode(bytes.subarray(HEAD_BYTES, end))
  return { log, offset: Number(view.getBigUint64(OFFSET_AT)), state: bytes.subarray(end) }
}

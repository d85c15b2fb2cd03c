import { join } from "node:path"
import type { FileLayer, LayerFile } from "../files/file-layer.ts"
import { readRange, writeAll } from "../files/write-all.ts"
import { createDurably, type DurableOptions } from "./segment-file.ts"
import {
  decodeTailFile,
  encodeTailRecord,
  TAIL_FILE_BYTES,
  type TailRecord,
  tailPosition,
} from "./tail-record.ts"

const NAME = "tail"

/** The bytes of a tail file that holds one record, published and as an anchor. */
export function tailFileOf(record: TailRecord): Uint8Array {
  const file = new Uint8Array(TAIL_FILE_BYTES)
  const bytes = encodeTailRecord(record)
  file.set(bytes, tailPosition(record.sequence, "published"))
  file.set(bytes, tailPosition(0, "anchor"))
  return file
}

/** Reads what the writer has published; undefined when the file is missing. */
export async function readTail(
  layer: FileLayer,
  directory: string,
): Promise<{ readonly record: TailRecord | undefined } | undefined> {
  let file: LayerFile
  try {
    file = await layer.open(join(directory, NAME), "read")
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined
    throw error
  }
  try {
    return { record: decodeTailFile(await readRange(file, 0, TAIL_FILE_BYTES)) }
  } finally {
    await file.close()
  }
}

/**
 * Says in a tail file who opens the log now, before anything else is changed: whoever takes over from
 * a writer that was stopped finds its epoch. Not synced: a power cut ends that writer, too.
 */
export async function markOpen(
  layer: FileLayer,
  directory: string,
  record: TailRecord,
): Promise<void> {
  const file = await layer.open(join(directory, NAME), "write")
  try {
    await writeAll(file, [encodeTailRecord(record)], tailPosition(record.sequence, "published"))
  } finally {
    await file.close()
  }
}

/**
 * The file in which a writer publishes its durable tail.
 *
 * A published record is written after the records of the log were synced, and not synced itself: a
 * power cut may bring an older one back, which is lower and therefore still true. It is never ahead.
 * What has to be true after a power cut, where the log begins, is said by an anchor, which is synced.
 */
export class TailFile {
  readonly #layer: FileLayer
  readonly #directory: string
  #file: LayerFile
  #record: TailRecord
  #anchors = 0

  private constructor(layer: FileLayer, directory: string, file: LayerFile, record: TailRecord) {
    this.#layer = layer
    this.#directory = directory
    this.#file = file
    this.#record = record
  }

  /** Makes the file anew with one record, on disk. */
  static async create(
    layer: FileLayer,
    directory: string,
    record: TailRecord,
    lock: DurableOptions = {},
  ): Promise<TailFile> {
    const { epoch } = record
    await createDurably(layer, directory, NAME, tailFileOf(record), { ...lock, epoch })
    const file = await layer.open(join(directory, NAME), "write")
    return new TailFile(layer, directory, file, record)
  }

  /** The offset of the first record that is kept. */
  get start(): number {
    return this.#record.start
  }

  get synced(): number {
    return this.#record.synced
  }

  /**
   * Makes the file anew when it is not the one that readers find: a writer that was stopped while it opened
   * the log, and has woken, has put its own in the place.
   */
  async keep(): Promise<void> {
    const found = (await readTail(this.#layer, this.#directory))?.record
    if (found?.epoch === this.#record.epoch && found.sequence === this.#record.sequence) return
    this.#record = {
      ...this.#record,
      sequence: Math.max(this.#record.sequence, found?.sequence ?? 0) + 1,
    }
    const { epoch } = this.#record
    await createDurably(this.#layer, this.#directory, NAME, tailFileOf(this.#record), { epoch })
    await this.#file.close()
    this.#file = await this.#layer.open(join(this.#directory, NAME), "write")
  }

  /** Tells readers how far they may read. */
  publish(tail: number, synced: number): Promise<void> {
    this.#record = { ...this.#record, sequence: this.#record.sequence + 1, tail, synced }
    return this.#write(tailPosition(this.#record.sequence, "published"))
  }

  /** Says on disk where the log begins, and what was published last. */
  anchor(start: number): Promise<void> {
    return this.#anchor({ start })
  }

  /** Says on disk that the writer has ended, and left everything there. */
  async leave(tail: number): Promise<void> {
    this.#record = { ...this.#record, isOpen: false }
    await this.publish(tail, tail)
    await this.#anchor({})
  }

  async #anchor(change: Partial<TailRecord>): Promise<void> {
    this.#record = { ...this.#record, ...change, sequence: this.#record.sequence + 1 }
    await this.#write(tailPosition(++this.#anchors, "anchor"))
    await this.#file.syncData()
  }

  async #write(position: number): Promise<void> {
    await writeAll(this.#file, [encodeTailRecord(this.#record)], position)
  }

  close(): Promise<void> {
    return this.#file.close()
  }
}

import { join } from "node:path"
import type { FileLayer, LayerFile } from "./file-layer.ts"
import { createDurably } from "./segment-file.ts"
import {
  decodeTailFile,
  encodeTailRecord,
  TAIL_FILE_BYTES,
  type TailRecord,
} from "./tail-record.ts"
import { readRange, writeAll } from "./write-all.ts"

const NAME = "tail"

/** The bytes of a tail file that holds one record. */
export function tailFileOf(record: TailRecord): Uint8Array {
  const file = new Uint8Array(TAIL_FILE_BYTES)
  const { bytes, position } = encodeTailRecord(record)
  file.set(bytes, position)
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
 * The file in which a writer publishes its durable tail.
 *
 * It is written after the records were synced, and not synced itself: a power cut may bring an
 * older tail back, which is lower and therefore still true. It is never ahead of the records.
 */
export class TailFile {
  readonly #file: LayerFile
  #record: TailRecord

  private constructor(file: LayerFile, record: TailRecord) {
    this.#file = file
    this.#record = record
  }

  /** Makes the file anew with one record, on disk. */
  static async create(layer: FileLayer, directory: string, record: TailRecord): Promise<TailFile> {
    await createDurably(layer, directory, NAME, tailFileOf(record))
    return new TailFile(await layer.open(join(directory, NAME), "write"), record)
  }

  /** The offset of the first record that is kept. */
  get start(): number {
    return this.#record.start
  }

  get synced(): number {
    return this.#record.synced
  }

  /** Publishes a tail; when it is the one published, a second time, so that both records say it. */
  async publish(tail: number, synced: number): Promise<void> {
    this.#record = { ...this.#record, sequence: this.#record.sequence + 1, tail, synced }
    const { bytes, position } = encodeTailRecord(this.#record)
    await writeAll(this.#file, [bytes], position)
  }

  /** Says, on disk and in both records, where the log begins. */
  async publishStart(start: number): Promise<void> {
    this.#record = { ...this.#record, start }
    await this.publish(this.#record.tail, this.#record.synced)
    await this.publish(this.#record.tail, this.#record.synced)
    await this.syncData()
  }

  syncData(): Promise<void> {
    return this.#file.syncData()
  }

  close(): Promise<void> {
    return this.#file.close()
  }
}

import type { Job } from "../../harness/measure.ts"

/** Another store, with what it takes to append to it and read it back as strictly as it can. */
export interface Rival {
  readonly name: string
  /** What its acknowledgement means, in its own words for it. */
  readonly durability: string
  /** The level that a log is measured with against it. */
  readonly level: "disk" | "process"
  /** Whether it syncs on the thread of JavaScript: then so does the log, in a row of its own. */
  readonly isBlocking?: boolean
  /** What `replay` gives one by one: records, or messages of 64 records, which are then one record of a log. */
  readonly replays: "records" | "messages"
  /** Appends of records of 100 bytes, of so many writers that each wait for theirs. */
  append(writers: number): Job
  /** The same, where each of them has streams, as those of a log have. */
  appendByStreams?(writers: number): Job
  /** Appends of so many records that are stored together, one batch after another; if it has them. */
  appendBatches?(size: number): Job
  /** Stores so many records for `replay`, in whatever way is fast. */
  fill(records: readonly Uint8Array[]): Promise<void>
  /** Reads them all, and gives how many bytes of records it has seen. */
  replay(): Promise<number>
  close(): Promise<void>
}

/** Opens a rival in a folder of its own; gives the reason when it can not be had. */
export type OpenRival = (folder: string) => Promise<Rival | string>

/** Records that are stored together for a replay. */
export const TOGETHER = 64

export const RECORD: Uint8Array = new Uint8Array(100).fill(0x61)

/** Writers that append one record, and the next when that is acknowledged. */
export function closedLoop(writers: number, append: () => Promise<unknown>): Job {
  return async (count) => {
    let left = count
    let seen = 0
    const write = async (): Promise<void> => {
      while (left > 0) {
        left--
        await append()
        seen++
      }
    }
    await Promise.all(Array.from({ length: writers }, write))
    return seen
  }
}

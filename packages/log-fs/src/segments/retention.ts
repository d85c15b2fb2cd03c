import { join } from "node:path"
import { LogError } from "@bellmouth/log"
import type { FileLayer } from "../files/file-layer.ts"
import { openSegment } from "./segment-file.ts"
import { segmentName } from "./segment-name.ts"

/** Removing so many segments is the most that one commit waits for. */
const MOST_SEGMENTS = 8

/**
 * How much of a log is kept. Whole segments are given up, the oldest first, as by `trim`; never the last one, nor what a
 * replay that is open in this process has not read. Readers in other processes do not count: they end
 * with `OFFSET_TRIMMED`. Both limits are looked at when records are appended, without a timer.
 */
export interface Retention {
  /**
   * The most bytes that all segments may take, with room for the last one to fill; passed only by the last
   * segment alone, and by what is held. Default: no limit.
   */
  readonly maxBytes?: number
  /** The age in milliseconds that every record of a segment has to have for it to go. Default: none. */
  readonly maxAgeMs?: number
}

/** @throws {RangeError} when a limit is not one it can have. */
export function checkRetention({ maxBytes, maxAgeMs }: Retention): void {
  for (const [name, value] of Object.entries({ maxBytes, maxAgeMs })) {
    if (value === undefined || (Number.isSafeInteger(value) && value >= 0)) continue
    throw new RangeError(`Cannot retain with ${name} ${value}: want a whole number from 0 on`)
  }
}

/** What retention looks at. */
export interface RetainedLog {
  readonly layer: FileLayer
  readonly directory: string
  /** The bases of the segments, in order. */
  readonly bases: readonly number[]
  /** How many bytes the last segment takes, or will. */
  readonly lastBytes: number
  /** The first record that somebody here has still to read. */
  readonly needed: number
  readonly now: number
}

/**
 * The offset before which segments are to go; undefined when none is. It looks at the segments that stay and at
 * those that go, one at a time, from both ends.
 */
async function retainedFrom(
  log: RetainedLog,
  retention: Retention,
  most: number = MOST_SEGMENTS,
): Promise<number | undefined> {
  const { bases, needed, now } = log
  const { maxBytes, maxAgeMs } = retention
  const byBytes = await firstWithin(log, maxBytes)
  let from: number | undefined
  for (const [index, next] of bases.slice(1).entries()) {
    if (next > needed || (index >= most && from !== undefined)) break
    if (next > byBytes) {
      if (maxAgeMs === undefined) break
      const madeMs = await madeAt(log, next)
      // What is before it is as old as what is before the next one, at least.
      if (madeMs === undefined) continue
      if (now - madeMs <= maxAgeMs) break
    }
    from = bases[Math.min(index + 1, most)]
  }
  return from
}

/** The same of all segments, while commits and trims may give some of them up; `look` gives the log as it is. */
export async function retainedBeside(
  look: () => RetainedLog,
  retention: Retention,
): Promise<number | undefined> {
  for (;;) {
    const log = look()
    try {
      return await retainedFrom(log, retention, Number.POSITIVE_INFINITY)
    } catch (error) {
      // Else one was given up meanwhile, and there are fewer to look at.
      if (look().bases[0] === log.bases[0]) throw error
    }
  }
}

/** The base of the oldest segment that there is room for. */
async function firstWithin(log: RetainedLog, maxBytes: number | undefined): Promise<number> {
  const { bases, layer, directory } = log
  if (maxBytes === undefined) return 0
  let total = log.lastBytes
  let first = bases.at(-1) ?? 0
  for (const base of bases.slice(0, -1).reverse()) {
    // It takes its bytes, whatever they are: who reads it is told of its damage, and not who appends.
    const file = await layer.open(join(directory, segmentName(base)), "read")
    try {
      total += await file.size()
    } finally {
      await file.close()
    }
    if (total > maxBytes) break
    first = base
  }
  return first
}

/** When a segment was made, in milliseconds since 1970; undefined when it does not tell, or is damaged. */
async function madeAt(
  { layer, directory }: RetainedLog,
  base: number,
): Promise<number | undefined> {
  try {
    const { file, header } = await openSegment(layer, directory, base, "read")
    await file.close()
    return header.createdMs > 0 ? header.createdMs : undefined
  } catch (error) {
    // The header is not what it was: who reads the segment is told so.
    if (error instanceof LogError) return undefined
    throw error
  }
}

/** How often the age of the oldest segment is looked at, as a part of the age. */
const LOOKS = 64

/** Says when a log that is written to gives up segments. */
export class Retainer {
  readonly #retention: Retention
  readonly #now: () => number
  #isDue = true
  #lookedMs = 0

  constructor(retention: Retention, now: () => number) {
    this.#retention = retention
    this.#now = now
  }

  /** Milliseconds since 1970, for a header. */
  get nowMs(): number {
    return Math.max(0, Math.floor(this.#now()))
  }

  /** A segment was sealed. */
  sealed(): void {
    this.#isDue = true
  }

  /** What is to be given up before the next commit, if anything. */
  async look(log: () => Omit<RetainedLog, "now">): Promise<number | undefined> {
    const { maxBytes, maxAgeMs } = this.#retention
    if (maxBytes === undefined && maxAgeMs === undefined) return undefined
    const now = this.#now()
    const isAged = maxAgeMs !== undefined && now - this.#lookedMs > maxAgeMs / LOOKS
    if (!this.#isDue && !isAged) return undefined
    this.#lookedMs = now
    const from = await retainedFrom({ ...log(), now }, this.#retention)
    // There may be more than go with one commit.
    this.#isDue = from !== undefined
    return from
  }
}

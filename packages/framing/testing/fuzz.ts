import { seededRandom } from "@bellmouth/core/testing"
import { Coverage } from "./coverage.ts"
import type { FuzzTarget } from "./fuzz-targets.ts"

/** What a fuzz run did. */
export interface FuzzReport {
  readonly runs: number
  /** How many blocks of code ran. */
  readonly blocks: number
  /** The inputs that reached something new, the given corpus first. */
  readonly corpus: Uint8Array[]
}

const BATCH = 32
const MOST_BYTES = 400

/**
 * Feeds a target with mutations of a corpus and keeps each input that makes new code run, for as many
 * runs as it is told.
 */
export function fuzz(
  target: FuzzTarget,
  corpus: readonly Uint8Array[],
  runs: number,
  seed: number,
): FuzzReport {
  const coverage = new Coverage()
  const below = seededRandom(seed)
  const kept: Uint8Array[] = []
  let done = 0
  const run = (input: Uint8Array): void => {
    done++
    try {
      target.check(input)
    } catch (cause) {
      const shown = Array.from(input, (byte) => byte.toString(16).padStart(2, "0")).join("")
      throw new Error(`Cannot pass ${target.name} with input ${shown}`, { cause })
    }
  }
  try {
    for (const input of [new Uint8Array(0), ...corpus]) {
      run(input)
      kept.push(input)
    }
    const seen = coverage.take()
    while (done < runs) {
      const batch = Array.from({ length: BATCH }, () => mutate(kept, target.pieces, below))
      for (const input of batch) run(input)
      if (!hasNew(coverage.take(), seen)) continue
      // Which of them was it? One after the other shows.
      for (const input of batch) {
        run(input)
        const blocks = coverage.take()
        if (hasNew(blocks, seen)) kept.push(input)
        for (const block of blocks) seen.add(block)
      }
    }
    return { runs: done, blocks: seen.size, corpus: kept }
  } finally {
    coverage.stop()
  }
}

function hasNew(blocks: ReadonlySet<string>, seen: ReadonlySet<string>): boolean {
  for (const block of blocks) if (!seen.has(block)) return true
  return false
}

function mutate(
  corpus: readonly Uint8Array[],
  pieces: readonly string[],
  below: (count: number) => number,
): Uint8Array {
  const pick = (): number[] => [...(corpus[below(corpus.length)] ?? [])]
  let bytes = pick()
  for (let change = 1 + below(4); change > 0; change--) {
    const at = below(bytes.length + 1)
    const length = below(8)
    const piece = [...new TextEncoder().encode(pieces[below(pieces.length)])]
    const changes = [
      () => bytes.splice(at, 0, ...piece),
      () => bytes.splice(at, 0, ...piece, ...piece),
      () => bytes.splice(at, length),
      () => bytes.splice(at, 1, below(256)),
      () => bytes.splice(at, 0, ...bytes.slice(at, at + length)),
      () => {
        bytes = [...bytes.slice(0, at), ...pick().slice(below(16))]
      },
    ]
    changes[below(changes.length)]?.()
  }
  return Uint8Array.from(bytes.slice(0, MOST_BYTES))
}

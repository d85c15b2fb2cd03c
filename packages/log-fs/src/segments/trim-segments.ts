import { join } from "node:path"
import type { FileLayer } from "../files/file-layer.ts"
import { indexName, segmentName, stateName } from "./segment-name.ts"

/**
 * Removes the segments that hold nothing from `start` on, the oldest first, so that those which are left
 * follow one another at every moment. `bases` loses theirs. The last segment always stays.
 */
export async function removeTrimmed(
  layer: FileLayer,
  directory: string,
  bases: number[],
  start: number,
): Promise<void> {
  let removed = 0
  for (let next = bases[1]; next !== undefined && next <= start; next = bases[1]) {
    const [base = 0] = bases
    for (const name of [segmentName(base), indexName(base), stateName(base)]) {
      await layer.remove(join(directory, name))
    }
    bases.shift()
    removed++
  }
  if (removed > 0) await layer.syncDirectory(directory)
}

/** The bases of the segments that hold something from `start` on, or are the last: the others may go at any moment. */
export function keptBases(bases: readonly number[], start: number): number[] {
  return bases.filter((_, index) => (bases[index + 1] ?? start + 1) > start)
}

import { collectGarbage } from "../../test/garbage.ts"

/**
 * Times ways to read the same bytes, in turn. What one has left is collected before the next begins: else it would be
 * in the time of whoever lets the loop turn first.
 *
 * @returns the best time of each, in milliseconds: what others do on the machine only adds.
 * @throws {Error} when a way saw fewer bytes than there are.
 */
export async function bestInTurn(
  ways: readonly (() => Promise<number>)[],
  bytes: number,
  rounds: number,
): Promise<number[]> {
  const best = ways.map(() => Number.POSITIVE_INFINITY)
  for (let round = 0; round < rounds; round++) {
    for (const [index, way] of ways.entries()) {
      collectGarbage()
      const start = performance.now()
      const seen = await way()
      const ms = performance.now() - start
      if (seen < bytes)
        throw new Error(`Cannot measure: way ${index} saw ${seen} of ${bytes} bytes`)
      best[index] = Math.min(best[index] ?? ms, ms)
    }
  }
  return best
}

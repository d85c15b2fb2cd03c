/**
 * Does jobs in turn, round after round.
 *
 * @returns the best time of each, in milliseconds: what others do on the machine only adds.
 */
export async function inTurn(
  jobs: readonly (() => Promise<void>)[],
  rounds: number,
): Promise<number[]> {
  const best = jobs.map(() => Number.POSITIVE_INFINITY)
  for (let round = 0; round < rounds; round++) {
    for (const [index, job] of jobs.entries()) {
      // What one leaves behind is not cleared away in the time of the next.
      globalThis.gc?.()
      const start = performance.now()
      await job()
      best[index] = Math.min(best[index] ?? 0, performance.now() - start)
    }
  }
  return best
}

/** One way to do a job: does it `count` times over, and says how many results it saw. */
export type Job = (count: number) => Promise<number>

export interface MeasureOptions {
  /** How long one timed run should take, in milliseconds. Default 40. */
  readonly runMs?: number
  /** How often each job is timed. Default 11. */
  readonly rounds?: number
}

/**
 * Times jobs in turn, round after round, so that a machine that slows down slows all of them.
 *
 * The best round counts: what else the machine does can only make a round longer.
 *
 * @returns the nanoseconds for one, job by job.
 * @throws {Error} when a job saw fewer results than it was asked for: it did not do the work.
 */
export async function measure(
  jobs: readonly Job[],
  { runMs = 40, rounds = 11 }: MeasureOptions = {},
): Promise<number[]> {
  const counts: number[] = []
  for (const job of jobs) counts.push(await countFor(job, runMs))
  const times: number[][] = jobs.map(() => [])
  const order = [...jobs.entries()]
  for (let round = 0; round < rounds; round++) {
    // Back and forth: what a job leaves to be collected is not always paid by the same one.
    for (const [index, job] of order.reverse()) {
      const count = counts[index] ?? 1
      times[index]?.push((await time(job, count)) / count)
    }
  }
  return times.map((each) => Math.min(...each))
}

/** How often a job fits into `runMs`, found by doubling; this warms it up, too. */
async function countFor(job: Job, runMs: number): Promise<number> {
  let count = 64
  for (;;) {
    let ns = await time(job, count)
    // Twice: runs that a stall has made short would have nothing to collect, unlike all others.
    if (ns >= runMs * 5e5) ns = Math.min(ns, await time(job, count))
    if (ns >= runMs * 5e5) return Math.max(1, Math.round((count * runMs * 1e6) / ns))
    count *= 2
  }
}

async function time(job: Job, count: number): Promise<number> {
  const start = performance.now()
  const seen = await job(count)
  const ns = (performance.now() - start) * 1e6
  if (seen !== count) throw new Error(`Cannot measure: the job saw ${seen} of ${count}`)
  return ns
}

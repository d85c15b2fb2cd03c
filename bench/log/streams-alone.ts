import type { Job } from "../harness/measure.ts"

/**
 * Writers whose records go nowhere: each waits for a chunk that is enqueued for every write, a turn
 * of the event loop later. What remains is what the platform's streams cost.
 */
export function streamsAlone(writers: number): Job {
  let written: ReadableStreamDefaultController<number>[] = []
  const answer = (): void => {
    const group = written
    written = []
    for (const controller of group) controller.enqueue(1)
  }
  const pipes = Array.from({ length: writers }, () => {
    let acks: ReadableStreamDefaultController<number> | undefined
    const start = (controller: ReadableStreamDefaultController<number>): void => {
      acks = controller
    }
    const readable = new ReadableStream<number>({ start }, { highWaterMark: 0 })
    const write = (): void => {
      if (acks !== undefined && written.push(acks) === 1) setImmediate(answer)
    }
    return { into: new WritableStream({ write }).getWriter(), acks: readable.getReader() }
  })
  return async (count) => {
    let left = count
    let seen = 0
    const run = async ({ into, acks }: (typeof pipes)[number]): Promise<void> => {
      while (left > 0) {
        left--
        void into.write(1)
        const { value } = await acks.read()
        if (value === 1) seen++
      }
    }
    await Promise.all(pipes.map(run))
    return seen
  }
}

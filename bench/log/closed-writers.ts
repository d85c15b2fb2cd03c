import type { Ack, Log } from "@bellmouth/log"
import type { Job } from "../harness/measure.ts"

/** Writers with a pipe each, that write one record and wait for its acknowledgement. */
export function closedWriters(log: Log, writers: number, record: Uint8Array): Job {
  const isDone = (ack: Ack | undefined): boolean => ack?.level === log.level
  return closedStreams(writers, record, () => log.append(), isDone)
}

/** The same, with streams of any kind. */
export function closedStreams<A>(
  writers: number,
  record: Uint8Array,
  open: () => ReadableWritablePair<A, Uint8Array>,
  isDone: (ack: A | undefined) => boolean,
): Job {
  const pipes = Array.from({ length: writers }, () => {
    const { readable, writable } = open()
    return { into: writable.getWriter(), acks: readable.getReader() }
  })
  return async (count) => {
    let left = count
    let seen = 0
    const run = async ({ into, acks }: (typeof pipes)[number]): Promise<void> => {
      while (left > 0) {
        left--
        void into.write(record)
        const { value } = await acks.read()
        if (isDone(value)) seen++
      }
    }
    await Promise.all(pipes.map(run))
    return seen
  }
}

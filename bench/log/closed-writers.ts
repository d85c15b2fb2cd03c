import type { Ack, AppendInput, Log } from "@bellmouth/log"
import type { Job } from "../harness/measure.ts"

interface Pipe {
  readonly into: WritableStreamDefaultWriter<AppendInput>
  readonly acks: ReadableStreamDefaultReader<Ack>
}

/** Writers with a pipe each, that write one record and wait for its acknowledgement. */
export function closedWriters(log: Log, writers: number, record: Uint8Array): Job {
  const pipes = Array.from({ length: writers }, () => openPipe(log))
  return async (count) => {
    let left = count
    let seen = 0
    const run = async ({ into, acks }: Pipe): Promise<void> => {
      while (left > 0) {
        left--
        void into.write(record)
        const { value } = await acks.read()
        if (value?.level === log.level) seen++
      }
    }
    await Promise.all(pipes.map(run))
    return seen
  }
}

function openPipe(log: Log): Pipe {
  const { readable, writable } = log.append()
  return { into: writable.getWriter(), acks: readable.getReader() }
}

import type { Ack, AppendInput, AppendOptions, Log, LogEntry, ReplayOptions } from "../log.ts"
import type { Producer } from "../producer.ts"
import { later, rejection } from "./check.ts"

const encoder = new TextEncoder()
const decoder = new TextDecoder()

export function bytes(text: string): Uint8Array {
  return encoder.encode(text)
}

function text(data: Uint8Array | undefined): string {
  return decoder.decode(data)
}

/** Appends through one pipe, and gives the acknowledgements. */
export async function appendAll(log: Log, chunks: readonly AppendInput[]): Promise<Ack[]> {
  const { readable, writable } = log.append()
  const writer = writable.getWriter()
  const acks = later(collect(readable))
  for (const chunk of chunks) await writer.write(chunk)
  await writer.close()
  return acks
}

/** Appends through one pipe, and waits for each acknowledgement: a commit for each chunk. */
export async function appendEach(log: Log, chunks: readonly AppendInput[]): Promise<Ack[]> {
  const { readable, writable } = log.append()
  const [writer, reader] = [writable.getWriter(), readable.getReader()]
  const acks: Ack[] = []
  for (const chunk of chunks) {
    const written = later(writer.write(chunk))
    const { value } = await reader.read()
    await written
    if (value !== undefined) acks.push(value)
  }
  await writer.close()
  return acks
}

/** Both ways of appending: in one commit, as far as the log can, and in one for each chunk. */
export const waysToAppend: readonly (typeof appendAll)[] = [appendAll, appendEach]

/** Appends as a producer, through one pipe. */
export async function send(
  log: Log,
  producer: Producer,
  chunks: readonly AppendInput[],
): Promise<Ack[]> {
  const { readable, writable } = log.append({ producer })
  const acks = later(collect(readable))
  const writer = writable.getWriter()
  for (const chunk of chunks) await writer.write(chunk)
  await writer.close()
  return acks
}

/** What a chunk is refused with. */
export async function refusal(
  log: Log,
  chunk: AppendInput,
  options: AppendOptions = {},
): Promise<unknown> {
  const { readable, writable } = log.append(options)
  const writer = writable.getWriter()
  writer.write(chunk).catch(() => {})
  writer.closed.catch(() => {})
  return rejection(collect(readable), "a chunk that is refused")
}

/** What a producer's batch is refused with. */
export function refused(log: Log, producer: Producer, chunk: AppendInput): Promise<unknown> {
  return refusal(log, chunk, { producer })
}

export async function collect<T>(readable: ReadableStream<T>): Promise<T[]> {
  const all: T[] = []
  const reader = readable.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return all
    all.push(value)
  }
}

/** The entries of a replay as `offset:text`. */
export async function replayed(log: Log, options: ReplayOptions = {}): Promise<string[]> {
  return (await collect(log.replay(options))).map(show)
}

export function show(entry: LogEntry): string {
  return `${entry.offset}:${text(entry.data)}`
}

/** Reads `count` chunks and keeps the lock. */
export async function take<T>(reader: ReadableStreamDefaultReader<T>, count: number): Promise<T[]> {
  const taken: T[] = []
  while (taken.length < count) {
    const { done, value } = await reader.read()
    if (done) break
    taken.push(value)
  }
  return taken
}

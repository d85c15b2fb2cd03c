import type { Log } from "@bellmouth/log"

/** Records in a frame, as 64 concurrent writers make them. */
const TOGETHER = 64

/** Appends so many records, taken from `records` in turn, in frames of 64. */
export async function fill(log: Log, records: readonly Uint8Array[], count: number): Promise<void> {
  const { readable, writable } = log.append()
  const [into, acks] = [writable.getWriter(), readable.getReader()]
  const record = (n: number): Uint8Array => records[n % records.length] ?? new Uint8Array(1)
  for (let at = 0; at < count; at += TOGETHER) {
    const length = Math.min(TOGETHER, count - at)
    void into.write(Array.from({ length }, (_, n) => record(at + n)))
    await acks.read()
  }
  await into.close()
}

/** Locks all of `readables`, or none. */
export function lockAll<T>(
  readables: readonly ReadableStream<T>[],
): ReadableStreamDefaultReader<T>[] {
  const locked = readables.findIndex((readable) => readable.locked)
  if (locked >= 0) throw new TypeError(`Cannot read from readable ${locked}: it is locked`)
  return readables.map((readable) => readable.getReader())
}

/**
 * Cancels all, at once, and waits for all.
 *
 * @throws what the one throws that fails to cancel; an `AggregateError` when several do.
 */
export async function cancelAll(
  readers: readonly ReadableStreamDefaultReader<unknown>[],
  reason: unknown,
): Promise<void> {
  const results = await Promise.allSettled(readers.map((reader) => reader.cancel(reason)))
  const errors = results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []))
  if (errors.length > 1) throw new AggregateError(errors, "Cannot cancel: several readables failed")
  if (errors.length === 1) throw errors[0]
}

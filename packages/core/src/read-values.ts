/** Async iteration over any readable by its reader, for runtimes whose streams have none. */
export async function* readValues<T>(
  readable: ReadableStream<T>,
  options: ReadableStreamIteratorOptions = {},
): AsyncGenerator<T, undefined> {
  const reader = readable.getReader()
  let isOver = false
  try {
    for (;;) {
      const result = await reader.read()
      if (result.done) break
      yield result.value
    }
    isOver = true
  } catch (error) {
    isOver = true
    throw error
  } finally {
    if (!isOver && !options.preventCancel) await reader.cancel()
    reader.releaseLock()
  }
  return undefined
}

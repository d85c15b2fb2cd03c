/** How a readable came to its end, as far as it was seen. */
export type Ending =
  | { readonly type: "closed" }
  | { readonly type: "errored"; readonly reason: unknown }
  | { readonly type: "stalled" }
  | { readonly type: "more" }

/**
 * Reads into `chunks` until the readable ends, or until `most` chunks were read.
 *
 * It never settles when the readable stalls: wait for it by `Turns.settle`.
 */
export async function takeAll<O>(
  reader: ReadableStreamDefaultReader<O>,
  chunks: O[],
  most: number,
  note: () => void,
): Promise<Ending> {
  try {
    while (chunks.length < most) {
      const result = await reader.read()
      if (result.done) return { type: "closed" }
      chunks.push(result.value)
      note()
    }
    return { type: "more" }
  } catch (reason) {
    return { type: "errored", reason }
  }
}

/** Runs `work` over `inputs`, at most `limit` at a time; the results keep the order of the inputs. */
export async function parallel<I, O>(
  inputs: readonly I[],
  limit: number,
  work: (input: I) => Promise<O>,
): Promise<O[]> {
  const results: O[] = []
  const queue = inputs.entries()
  async function worker(): Promise<void> {
    for (const [index, input] of queue) results[index] = await work(input)
  }
  await Promise.all(Array.from({ length: limit }, worker))
  return results
}

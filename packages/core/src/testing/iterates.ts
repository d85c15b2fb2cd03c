/** Whether a readable can be iterated: Safari up to 26 has no async iteration of streams. */
export function iterates(readable: object): boolean {
  return Symbol.asyncIterator in readable
}

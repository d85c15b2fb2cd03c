/** An engine's node for a part that was added, and the part itself. */
const PART_BYTES = 64

/**
 * Puts a text that grew by so many parts into one piece where these take more than the text, and
 * gives how many parts it has now. Engines keep what was added as a tree until it is searched: a text
 * that came in single bytes takes twenty times as many. It costs as much as to copy the text twice.
 */
export function flatten(text: string, parts: number): number {
  // It is always found at a place before the end, but an engine can not know, and so has to search.
  return parts * PART_BYTES > text.length && text.indexOf("\n") < text.length ? 0 : parts
}
